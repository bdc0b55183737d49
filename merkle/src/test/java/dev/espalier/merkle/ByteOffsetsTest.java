package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ByteOffsetsTest {

    private static final KeyPair PAIR = Vectors.keyPair(1);

    private static MemoryLog log(List<Integer> sizes) {
        List<ByteBuffer> blocks = new ArrayList<>();
        sizes.forEach(size -> blocks.add(ByteBuffer.allocate(size)));
        return MemoryLog.of(PAIR).append(PAIR, blocks);
    }

    @Property(tries = 300)
    void seeksAgreeWithAddingUpTheBlocks(
            @ForAll @Size(min = 1, max = 40) List<@IntRange(min = 1, max = 9) Integer> sizes,
            @ForAll @IntRange(max = 8) int padding) {
        List<Integer> stored = new ArrayList<>();
        sizes.forEach(size -> stored.add(size + padding));
        MemoryLog log = log(stored);
        ByteOffsets offsets = new ByteOffsets(log, log.head, padding);
        long start = 0;
        for (int block = 0; block < sizes.size(); block++) {
            assertThat(offsets.offset(2L * block)).isEqualTo(start);
            assertThat(offsets.storedOffset(2L * block)).isEqualTo(start + (long) block * padding);
            for (int offset = 0; offset < sizes.get(block); offset++) {
                assertThat(offsets.seek(start + offset)).isEqualTo(new ByteOffsets.Position(2L * block, offset));
            }
            start += sizes.get(block);
        }
        assertThat(offsets.seek(start)).isEqualTo(new ByteOffsets.Position(2L * sizes.size(), 0));
        assertThat(offsets.offset(2L * sizes.size())).isEqualTo(start);
        assertThat(offsets.seek(start + 1)).isNull();
    }

    @Test
    void parentsStartWhereTheirFirstBlockDoes() {
        MemoryLog log = log(List.of(3, 4, 5, 6, 7));
        ByteOffsets offsets = new ByteOffsets(log, log.head, 0);
        assertThat(offsets.offset(1)).isZero();
        assertThat(offsets.offset(5)).isEqualTo(7);
        assertThat(offsets.offset(8)).isEqualTo(18);
        assertThatThrownBy(() -> offsets.offset(12)).isInstanceOf(VerificationException.class);
    }

    @Test
    void emptyBlocksAreSteppedOverOnlyWhereAByteFallsBetween() {
        MemoryLog log = log(List.of(2, 0, 0, 2));
        ByteOffsets offsets = new ByteOffsets(log, log.head, 0);
        assertThat(offsets.seek(0).firstBlock()).isZero();
        assertThat(offsets.seek(1).firstBlock()).isZero();
        // The left half ends here: what follows is block 2, empty or not.
        assertThat(offsets.seek(2)).isEqualTo(new ByteOffsets.Position(4, 0));
        assertThat(offsets.seek(3)).isEqualTo(new ByteOffsets.Position(6, 1));
        assertThat(offsets.seek(4)).isEqualTo(new ByteOffsets.Position(8, 0));
    }

    @Test
    void sparseLogNamesTheSubtreeItKnows() {
        MemoryLog log = log(List.of(3, 4, 5, 6, 7, 8, 9, 10));
        log.nodes.remove(4L);
        log.nodes.remove(6L);
        ByteOffsets offsets = new ByteOffsets(log, log.head, 0);
        ByteOffsets.Position position = offsets.seek(9);
        assertThat(position).isEqualTo(new ByteOffsets.Position(5, 2));
        assertThat(position.isBlock()).isFalse();
        assertThat(position.firstBlock()).isEqualTo(2);
        assertThat(position.endBlock()).isEqualTo(4);
        assertThat(offsets.seek(20).isBlock()).isTrue();
        assertThat(offsets.offset(4)).isEqualTo(7);
        assertThatThrownBy(() -> offsets.offset(6)).isInstanceOf(VerificationException.class);
    }

    @Test
    void emptyLogHasItsFirstByteAtBlockZero() {
        ByteOffsets offsets = new ByteOffsets(index -> null, TreeHead.EMPTY, 0);
        assertThat(offsets.seek(0)).isEqualTo(new ByteOffsets.Position(0, 0));
        assertThat(offsets.seek(1)).isNull();
        assertThat(offsets.offset(0)).isZero();
    }

    @Test
    void argumentsOutOfRangeAreRefused() {
        MemoryLog log = log(List.of(3, 4));
        assertThatThrownBy(() -> new ByteOffsets(log, log.head, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ByteOffsets(log, log.head, 0).seek(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ByteOffsets(log, log.head, Long.MAX_VALUE).seek(1))
                .isInstanceOf(VerificationException.class);
    }
}
