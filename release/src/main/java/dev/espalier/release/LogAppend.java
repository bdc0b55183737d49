package dev.espalier.release;

import dev.espalier.log.Durability;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;

/** Appends what a channel gives, in many append calls, each told once it is acknowledged. */
public final class LogAppend {

    /** Bytes after which an append call is made even if its number of blocks is not reached. */
    private static final long MAX_BATCH_BYTES = 64L << 20;

    private LogAppend() {}

    /**
     * How to cut and to append.
     *
     * @param lines whether each line is a block; else blocks have {@code blockSize} bytes
     * @param blockSize bytes of a block, 1 to 15 MiB
     * @param batch blocks of one append call, 1 to 65536; fewer when they have more than 64 MiB
     * @param durability what an acknowledgement promises
     */
    public record Options(boolean lines, int blockSize, int batch, Durability durability) {

        /** Blocks of 64 KiB, 64 a call, no forced write. */
        public static final Options DEFAULT = new Options(false, 65536, 64, Durability.NONE);

        /** Checks the ranges. */
        public Options {
            if (batch < 1 || batch > 65536) {
                throw new EspalierException("ERR_INVALID_INPUT", "A batch has 1 to 65536 blocks, not " + batch + ".");
            }
        }
    }

    /**
     * An append call is acknowledged.
     *
     * @param length blocks of the log now
     * @param byteLength bytes of the log now
     */
    public record Appended(long length, long byteLength) implements Event {
        @Override
        public String tag() {
            return "appended";
        }
    }

    /**
     * What was appended.
     *
     * @param key the log
     * @param blocks blocks appended
     * @param bytes bytes of those
     * @param length blocks of the log now
     * @param byteLength bytes of the log now
     */
    public record Result(Key key, long blocks, long bytes, long length, long byteLength) {}

    static Result run(LogStore store, LogRef ref, ReadableByteChannel source, Options options, Steps steps)
            throws IOException {
        try (Log log = ref.open(store)) {
            BlockReader reader = options.lines()
                    ? BlockReader.ofLines(source)
                    : BlockReader.ofSize(source, options.blockSize(), options.batch());
            List<ByteBuffer> batch = new ArrayList<>();
            long batchBytes = 0;
            long blocks = 0;
            long bytes = 0;
            ByteBuffer block;
            do {
                block = reader.next();
                if (block != null) {
                    batch.add(block);
                    batchBytes += block.remaining();
                }
                boolean full = batch.size() == options.batch() || batchBytes >= MAX_BATCH_BYTES;
                if (full || block == null && !batch.isEmpty()) {
                    steps.checkCancelled();
                    log.append(batch, options.durability());
                    blocks += batch.size();
                    bytes += batchBytes;
                    batch.clear();
                    batchBytes = 0;
                    steps.emit(new Appended(log.length(), log.byteLength()));
                }
            } while (block != null);
            return new Result(log.key(), blocks, bytes, log.length(), log.byteLength());
        }
    }
}
