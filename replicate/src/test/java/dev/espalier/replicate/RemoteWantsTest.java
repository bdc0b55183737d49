package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a peer wants to be told costs bounded memory: beyond that it wants everything. */
class RemoteWantsTest {

    private static final long LONGEST = RemoteWants.MAX_LENGTH;

    private final RemoteWants wants = new RemoteWants();

    @Test
    void regionsAreRememberedOneByOne() {
        assertThat(wants.overlaps(0, 1L << 40)).isFalse();
        assertThat(wants.add(LONGEST, LONGEST)).isTrue();
        assertThat(wants.add(64, 32)).isTrue();
        assertThat(wants.overlaps(0, 64)).isFalse();
        assertThat(wants.overlaps(95, 1)).isTrue();
        assertThat(wants.overlaps(96, LONGEST - 96)).isFalse();
        assertThat(wants.overlaps(96, LONGEST - 95)).isTrue();
        wants.remove(LONGEST, LONGEST);
        assertThat(wants.overlaps(96, LONGEST)).isFalse();
    }

    @Test
    void whatIsTooLongIsNotAnswered() {
        assertThat(wants.add(0, LONGEST + 1)).isFalse();
        assertThat(wants.add(0, (1L << 53) - 1)).isFalse();
        assertThat(wants.add(0, 0)).isFalse();
        assertThat(wants.overlaps(0, 1L << 53)).isFalse();
    }

    @Test
    void regionsOfOtherShapesAndMoreThanCanBeRememberedMeanEverything() {
        for (long[] odd : new long[][] {{1, 32}, {0, 33}, {0, 16}, {(1L << 53) - 1, 1}}) {
            RemoteWants other = new RemoteWants();
            assertThat(other.add(odd[0], odd[1])).isTrue();
            assertThat(other.overlaps(1L << 30, 1)).isTrue();
        }
        for (long i = 0; i < 512; i++) {
            wants.add(i * LONGEST, LONGEST);
        }
        assertThat(wants.overlaps(512 * LONGEST, 1)).isFalse();
        wants.add(511 * LONGEST, LONGEST);
        assertThat(wants.overlaps(512 * LONGEST, 1)).isFalse();
        wants.add(512 * LONGEST, LONGEST);
        assertThat(wants.overlaps(1L << 50, 1)).isTrue();
        wants.remove(0, LONGEST);
        assertThat(wants.overlaps(0, 1)).isTrue();
    }
}
