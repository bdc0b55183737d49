package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BlocksTest {

    @Test
    void aRangeHoldsEveryBlockOfIt() {
        Blocks blocks = Blocks.range(3, 6);
        assertThat(blocks.next(0)).isEqualTo(3);
        assertThat(blocks.next(4)).isEqualTo(4);
        assertThat(blocks.next(6)).isEqualTo(6);
        assertThat(blocks.contains(5)).isTrue();
        assertThat(blocks.contains(6)).isFalse();
        assertThat(blocks.count(1)).isEqualTo(3);
        assertThat(blocks).hasToString("blocks from 3 to 5");
    }

    @Test
    void anOpenEndedRangeFollowsTheLog() {
        Blocks blocks = Blocks.from(3).linear();
        assertThat(blocks.next(1_000)).isEqualTo(1_000);
        assertThat(blocks.count(10)).isEqualTo(7);
        assertThat(blocks.count(2)).isZero();
        assertThat(blocks.isLinear()).isTrue();
        assertThat(blocks).hasToString("blocks from 3 on in order");
    }

    @Test
    void chosenBlocksComeInOrderAndOnce() {
        Blocks blocks = Blocks.of(9, 4, 4, 7);
        assertThat(blocks.next(0)).isEqualTo(4);
        assertThat(blocks.next(5)).isEqualTo(7);
        assertThat(blocks.next(8)).isEqualTo(9);
        assertThat(blocks.next(10)).isEqualTo(blocks.end()).isEqualTo(10);
        assertThat(blocks.contains(8)).isFalse();
        assertThat(blocks.count(0)).isEqualTo(3);
        assertThat(blocks).hasToString("3 blocks from 4 to 9");
    }

    @Test
    void noBlocksAreNoBlocks() {
        assertThat(Blocks.of().count(5)).isZero();
        assertThat(Blocks.of().contains(0)).isFalse();
        assertThat(Blocks.range(4, 4).contains(4)).isFalse();
    }

    @Test
    void whatIsNoRangeIsRefused() {
        assertThatThrownBy(() -> Blocks.range(-1, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Blocks.range(5, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Blocks.of(1, -2)).isInstanceOf(IllegalArgumentException.class);
    }
}
