package dev.espalier.release;

import dev.espalier.log.Blocks;
import dev.espalier.log.Log;
import dev.espalier.log.LogDownload;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.replicate.BlockTraffic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Downloads blocks of a log and waits until they are held here, verified. */
public final class LogFetch {

    private LogFetch() {}

    /**
     * Which blocks, and from whom.
     *
     * @param start first block, from 0
     * @param end block after the last; null for the length that peers tell
     * @param blocks only these, instead of the range; empty for the range
     * @param network peers
     */
    public record Options(long start, @Nullable Long end, List<Long> blocks, NetworkOptions network) {

        /** Checks the ranges. */
        public Options {
            if (start < 0 || end != null && end < start || blocks.stream().anyMatch(b -> b < 0)) {
                throw new EspalierException(
                        "ERR_INVALID_INPUT", "Blocks are counted from 0, and the end is not before the start.");
            }
            blocks = List.copyOf(blocks);
        }

        /** Everything. */
        public static Options all(NetworkOptions network) {
            return new Options(0, null, List.of(), network);
        }
    }

    /**
     * What came.
     *
     * @param key the log
     * @param length blocks of the log
     * @param fork fork of the log
     * @param treeHash tree hash of the log
     * @param downloadedBlocks blocks that went over the connections of this operation
     * @param downloadedBytes bytes of those
     * @param seconds how long it took
     */
    public record Result(
            Key key,
            long length,
            long fork,
            Hash treeHash,
            long downloadedBlocks,
            long downloadedBytes,
            double seconds) {}

    static Result run(LogStore store, Key key, Options options, Steps steps) {
        long begun = System.nanoTime();
        Network.requireSomebody(store, key, options.network());
        try (Log log = store.log(key);
                Network network = Network.open(steps, store, options.network())) {
            network.update(log, 1);
            if (options.blocks().isEmpty()) {
                long end = options.end() == null ? log.length() : options.end();
                range(log, options.start(), end, network, steps);
            } else {
                some(log, options.blocks(), network, steps);
            }
            BlockTraffic traffic = network.traffic().blocks(key);
            return new Result(
                    key,
                    log.length(),
                    log.fork(),
                    log.treeHash(),
                    traffic.blocksIn(),
                    traffic.bytesIn(),
                    Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1000.0);
        }
    }

    /** Fetches all of a range that is absent. */
    static void range(Log log, long start, long end, Network network, Steps steps) {
        if (log.has(start, end)) {
            return;
        }
        if (!network.canAsk()) {
            throw absent(log, log.nextAbsent(start, end), end);
        }
        CompletableFuture<Void> fetched = log.download(start, end);
        network.await(
                fetched,
                "blocks " + start + " to " + end + " of log " + log.id(),
                () -> steps.progress("fetching", log.presentCount(), log.length(), false));
    }

    private static void some(Log log, List<Long> blocks, Network network, Steps steps) {
        if (!network.canAsk()) {
            for (long block : blocks) {
                if (!log.has(block)) {
                    throw absent(log, block, block + 1);
                }
            }
        }
        Blocks wanted = Blocks.of(blocks.stream().mapToLong(Long::longValue).toArray());
        try (LogDownload download = log.fetch(wanted)) {
            network.await(
                    download.done(),
                    wanted + " of log " + log.id(),
                    () -> steps.progress("fetching", download.heldBlocks(), download.totalBlocks(), false));
        }
    }

    private static EspalierException absent(Log log, long first, long end) {
        return new EspalierException(
                "ERR_NOT_FOUND",
                "Block " + first + " (wanted up to " + end + ") of log " + log.id()
                        + " is not held here, and there is no peer to ask; name one with --peer HOST:PORT.");
    }
}
