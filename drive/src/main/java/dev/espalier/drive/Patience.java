package dev.espalier.drive;

import dev.espalier.log.Log;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long the reads of a drive wait for each block that is not here.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Patience {

    private volatile @Nullable Duration limit;

    /** The limit for each block; null for none. */
    @Nullable
    Duration limit() {
        return limit;
    }

    void limit(@Nullable Duration each) {
        limit = each;
    }

    /** A copy of a block. */
    byte[] get(Log log, long index) {
        Duration each = limit;
        return each == null ? log.get(index) : log.get(index, each);
    }

    /** The log of a tree, read with this patience. */
    TreeLog tree(Log log) {
        return new TreeLog() {
            @Override
            public long length() {
                return log.length();
            }

            @Override
            public long fork() {
                return log.fork();
            }

            @Override
            public byte[] block(long seq) {
                return get(log, seq);
            }

            @Override
            @SuppressWarnings("FutureReturnValueIgnored") // only a hint: whoever needs the block asks again
            public void expect(long seq) {
                if (!log.has(seq) && seq < log.length() && !Duration.ZERO.equals(limit)) {
                    log.getAsync(seq);
                }
            }

            @Override
            public void append(List<ByteBuffer> blocks) {
                log.append(blocks);
            }
        };
    }
}
