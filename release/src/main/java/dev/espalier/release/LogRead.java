package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Hands out blocks of a log in order, fetched from peers where they are absent. */
public final class LogRead {

    private LogRead() {}

    /**
     * Which blocks, and whom to ask for absent ones.
     *
     * @param start first block, from 0
     * @param end block after the last; null for the length
     * @param network peers
     */
    public record Options(long start, @Nullable Long end, NetworkOptions network) {

        /** Checks the range. */
        public Options {
            if (start < 0 || end != null && end < start) {
                throw new EspalierException(
                        "ERR_INVALID_INPUT", "Blocks are counted from 0, and the end is not before the start.");
            }
        }

        /** One block. */
        public static Options block(long index, NetworkOptions network) {
            return new Options(index, index + 1, network);
        }
    }

    /** Takes blocks. */
    public interface Sink {

        /** The next block. */
        void block(long index, byte[] bytes) throws IOException;

        /** Writes the bytes back to back. */
        static Sink to(OutputStream out) {
            return (index, bytes) -> out.write(bytes);
        }
    }

    /**
     * What was read.
     *
     * @param blocks number of blocks
     * @param bytes bytes of those
     */
    public record Result(long blocks, long bytes) {}

    static Result run(LogStore store, LogRef ref, Options options, Sink sink, Steps steps) throws IOException {
        boolean remote = options.network().expectsPeers() && ref.key() != null;
        try (Log log = remote ? ref.openOrCreate(store) : ref.open(store);
                Network network = Network.open(steps, store, options.network())) {
            if (remote) {
                network.update(log, 1);
            }
            long end = options.end() == null ? log.length() : options.end();
            long bytes = 0;
            for (long index = options.start(); index < end; index++) {
                steps.checkCancelled();
                byte[] block = get(log, index, network);
                bytes += block.length;
                sink.block(index, block);
                steps.progress("reading", index + 1 - options.start(), end - options.start(), false);
            }
            return new Result(Math.max(0, end - options.start()), bytes);
        }
    }

    private static byte[] get(Log log, long index, Network network) {
        if (!log.has(index)) {
            if (!network.canAsk()) {
                String why = index < log.length() ? "is not held here" : "is beyond the length " + log.length();
                throw new EspalierException(
                        "ERR_NOT_FOUND",
                        "Block " + index + " of log " + log.id() + " " + why + ", and there is no peer to ask.");
            }
            CompletableFuture<Void> fetched = log.download(index, index + 1);
            network.await(fetched, "block " + index + " of log " + log.id(), () -> {});
        }
        return log.get(index, Duration.ZERO);
    }
}
