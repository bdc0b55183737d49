package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Log;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Blocks whose bytes follow from their index. */
final class TestBlocks {

    private TestBlocks() {}

    /** Appends {@code count} blocks of up to {@code size} bytes in one step. */
    static void append(Log log, int count, int size) {
        List<ByteBuffer> blocks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Random random = new Random(log.length() + i);
            byte[] block = new byte[random.nextInt(size + 1)];
            random.nextBytes(block);
            blocks.add(ByteBuffer.wrap(block));
        }
        log.append(blocks);
    }

    /** Whether all blocks that {@code copy} holds are those of {@code source}. */
    static void assertSame(Log copy, Log source) {
        for (long index = copy.nextPresent(0, copy.length());
                index < copy.length();
                index = copy.nextPresent(index + 1, copy.length())) {
            assertThat(copy.get(index)).as("block %d", index).isEqualTo(source.get(index));
        }
    }
}
