package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RemoteBlocksTest {

    private static final int SIZE = 3 * RemoteBlocks.PAGE_BITS;

    @Test
    void aRangeFromZeroIsAPrefixAndNeverShrinksByAShorterOne() {
        RemoteBlocks blocks = new RemoteBlocks(new PeerBudget());
        blocks.range(0, 1L << 40, false);
        blocks.range(0, 7, false);
        assertThat(blocks.prefix()).isEqualTo(1L << 40);
        assertThat(blocks.has((1L << 40) - 1)).isTrue();
        assertThat(blocks.has(1L << 40)).isFalse();
    }

    @Test
    void aDropBelowThePrefixLowersIt() {
        RemoteBlocks blocks = new RemoteBlocks(new PeerBudget());
        blocks.range(0, 100, false);
        blocks.range(40, 2, true);
        assertThat(blocks.prefix()).isEqualTo(40);
        assertThat(blocks.has(39)).isTrue();
        assertThat(blocks.has(40)).isFalse();
    }

    @Test
    void aRangeThatTouchesThePrefixMakesItLonger() {
        RemoteBlocks blocks = new RemoteBlocks(new PeerBudget());
        blocks.range(0, 5, false);
        blocks.range(5, 2, false);
        assertThat(blocks.prefix()).isEqualTo(7);
    }

    @Test
    void hugeRangesCostBoundedMemoryAndTime() {
        RemoteBlocks blocks = new RemoteBlocks(new PeerBudget());
        blocks.range(1, (1L << 53) - 2, false);
        assertThat(blocks.has(1)).isTrue();
        assertThat(blocks.has((long) RemoteBlocks.MAX_PAGES * RemoteBlocks.PAGE_BITS - 1))
                .isTrue();
        assertThat(blocks.has((long) RemoteBlocks.MAX_PAGES * RemoteBlocks.PAGE_BITS))
                .isFalse();
        blocks.range(0, (1L << 53) - 1, true);
        assertThat(blocks.nextPresent(0, 1L << 53)).isEqualTo(1L << 53);
    }

    @Test
    void singleBlocksAllOverTheLogStayWithinTheBudgetOfTheConnection() {
        PeerBudget budget = new PeerBudget();
        RemoteBlocks blocks = new RemoteBlocks(budget);
        for (long page = 0; page < 2L * PeerBudget.MAX_PAGES; page++) {
            blocks.range(page * RemoteBlocks.PAGE_BITS + 7, 1, false);
        }
        long last = (PeerBudget.MAX_PAGES - 1L) * RemoteBlocks.PAGE_BITS + 7;
        assertThat(blocks.has(last)).isTrue();
        assertThat(blocks.nextPresent(last + 1, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        RemoteBlocks other = new RemoteBlocks(budget);
        other.range(40, 1, false);
        assertThat(other.has(40)).isFalse();
        blocks.close();
        other.range(40, 1, false);
        assertThat(other.has(40)).isTrue();
    }

    @Test
    void aHoleInAFullPageForWhichThereIsNoRoomTakesThePageAway() {
        PeerBudget budget = new PeerBudget();
        RemoteBlocks blocks = new RemoteBlocks(budget);
        blocks.range(RemoteBlocks.PAGE_BITS, 3L * RemoteBlocks.PAGE_BITS, false);
        while (budget.takePage()) {
            // all of it
        }
        blocks.range(2L * RemoteBlocks.PAGE_BITS + 5, 1, true);
        assertThat(blocks.has(2L * RemoteBlocks.PAGE_BITS + 5)).isFalse();
        assertThat(blocks.has(2L * RemoteBlocks.PAGE_BITS + 6)).isFalse();
        assertThat(blocks.has(3L * RemoteBlocks.PAGE_BITS)).isTrue();
    }

    @Test
    void withoutAPrefixItIsExactlyWhatWasSaid() {
        Random random = new Random(3);
        for (int round = 0; round < 40; round++) {
            RemoteBlocks blocks = new RemoteBlocks(new PeerBudget());
            BitSet model = new BitSet();
            for (int step = 0; step < 60; step++) {
                say(random, 1, blocks, model);
                for (int probe = 0; probe < 50; probe++) {
                    int from = random.nextInt(SIZE);
                    int end = from + random.nextInt(SIZE);
                    int next = model.nextSetBit(from);
                    assertThat(blocks.has(from)).isEqualTo(model.get(from));
                    assertThat(blocks.nextPresent(from, end)).isEqualTo(next < 0 || next >= end ? end : next);
                    assertThat(blocks.hasAll(from, from + 40)).isEqualTo(model.nextClearBit(from) >= from + 40);
                }
            }
        }
    }

    @Test
    void withAPrefixNothingIsTakenToBeThereThatWasNotSaidToBe() {
        Random random = new Random(4);
        for (int round = 0; round < 100; round++) {
            RemoteBlocks blocks = new RemoteBlocks(new PeerBudget());
            BitSet model = new BitSet();
            for (int step = 0; step < 60; step++) {
                say(random, 0, blocks, model);
                if (random.nextInt(4) == 0) {
                    int prefix = random.nextInt(SIZE);
                    blocks.range(0, prefix, false);
                    model.set(0, prefix);
                }
                for (long index = blocks.nextPresent(0, 2 * SIZE);
                        index < 2 * SIZE;
                        index = blocks.nextPresent(index + 1, 2 * SIZE)) {
                    if (!model.get((int) index)) {
                        assertThat(index).as("said to be there").isNegative();
                    }
                }
            }
        }
    }

    private static void say(Random random, int first, RemoteBlocks blocks, BitSet model) {
        int start = first + random.nextInt(SIZE - first);
        int length = 1 + random.nextInt(random.nextBoolean() ? 50 : SIZE);
        switch (random.nextInt(4)) {
            case 0 -> {
                blocks.range(start, length, true);
                model.clear(start, start + length);
            }
            case 1 -> {
                int words = 1 + random.nextInt(100);
                int from = start & ~31;
                ByteBuffer bits = ByteBuffer.allocate(words * 4).order(ByteOrder.LITTLE_ENDIAN);
                for (int word = 0; word < words; word++) {
                    int value = random.nextInt();
                    bits.putInt(value);
                    for (int bit = 0; bit < 32; bit++) {
                        model.set(from + word * 32 + bit, (value >>> bit & 1) != 0);
                    }
                }
                blocks.bitfield(from, bits.flip());
            }
            case 2 -> {
                blocks.range(start, 1, false);
                model.set(start);
            }
            default -> {
                blocks.range(start, length, false);
                model.set(start, start + length);
            }
        }
    }
}
