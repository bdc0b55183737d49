package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A line of a certain rate and delay, simulated: what window and limits come of it. */
class RoundTripsTest {

    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private record Sent(long at, long answersThen) {}

    private final RoundTrips trips = new RoundTrips();
    private final ArrayDeque<Sent> outstanding = new ArrayDeque<>();
    private long now;
    /** When the peer will have answered all that it was asked. */
    private long busyUntil;

    private final ArrayDeque<Long> arrivals = new ArrayDeque<>();

    /** Asks as much as the window takes for this long, each answer taking {@code service}, the way {@code delay}. */
    private void run(long nanos, long service, long delay) {
        long end = now + nanos;
        while (true) {
            while (outstanding.size() < trips.window(1000)) {
                outstanding.add(new Sent(now, trips.answers()));
                busyUntil = Math.max(busyUntil, now + delay / 2) + service;
                arrivals.add(busyUntil + delay / 2);
            }
            if (arrivals.element() > end) {
                now = end;
                return;
            }
            now = arrivals.remove();
            Sent first = outstanding.remove();
            trips.answered(first.at, first.answersThen, outstanding.size() + 1, now);
        }
    }

    @Test
    void aFastLineOfSomeDelayIsFilled() {
        // 1000 answers a second over 100 ms: 100 are under way, and as many wait as are answered in 200 ms.
        run(3_000 * MILLI, MILLI, 100 * MILLI);
        assertThat(trips.window(1000)).isBetween(200, 400);
        long before = trips.answers();
        run(1_000 * MILLI, MILLI, 100 * MILLI);
        assertThat(trips.answers() - before).as("the line never runs dry").isBetween(950L, 1050L);
    }

    @Test
    void aLineWithoutDelayGetsTheLargestWindowAtOnce() {
        run(20 * MILLI, MILLI / 100, MILLI / 10);
        assertThat(trips.window(1000)).isEqualTo(RoundTrips.MAX_WINDOW);
    }

    @Test
    void littleWaitsAtASlowPeer() {
        run(20_000 * MILLI, 100 * MILLI, 20 * MILLI);
        assertThat(trips.window(1000)).isBetween(RoundTrips.MIN_WINDOW, 6);
        assertThat(trips.expectedNanos()).isLessThan(700 * MILLI);
    }

    @Test
    void aPeerThatGetsSlowerIsAskedLessAndOneThatGetsFasterMore() {
        run(3_000 * MILLI, MILLI, 50 * MILLI);
        int fast = trips.window(1000);
        run(20_000 * MILLI, 50 * MILLI, 50 * MILLI);
        int slow = trips.window(1000);
        run(10_000 * MILLI, MILLI, 50 * MILLI);
        assertThat(slow).isLessThan(fast / 4);
        assertThat(trips.window(1000)).isGreaterThan(fast / 2);
    }

    @Test
    void aSmallDemandDoesNotCloseTheWindow() {
        run(3_000 * MILLI, MILLI, 100 * MILLI);
        int before = trips.window(1000);
        now += 5_000 * MILLI;
        busyUntil = 0;
        for (int i = 0; i < 100; i++) {
            Sent sent = new Sent(now, trips.answers());
            now += 101 * MILLI;
            trips.answered(sent.at, sent.answersThen, 1, now);
        }
        assertThat(trips.window(1000)).isGreaterThan(before / 2);
    }

    @Test
    void largeBlocksAreAskedForInASmallWindow() {
        run(1_000 * MILLI, MILLI / 10, MILLI);
        assertThat(trips.window(1 << 20)).isEqualTo(16);
        assertThat(trips.window(15 << 20)).isEqualTo(RoundTrips.MIN_WINDOW);
    }

    @Test
    void theLimitFollowsTheMeasuredTimeWithinBounds() {
        assertThat(trips.limitNanos()).isEqualTo(RoundTrips.FIRST_LIMIT_NANOS);
        run(1_000 * MILLI, MILLI, MILLI);
        assertThat(trips.limitNanos()).isEqualTo(RoundTrips.MIN_LIMIT_NANOS);
        run(200_000 * MILLI, 2_000 * MILLI, MILLI);
        assertThat(trips.limitNanos()).isBetween(4_000 * MILLI, RoundTrips.MAX_LIMIT_NANOS);
        run(4_000_000 * MILLI, 40_000 * MILLI, MILLI);
        assertThat(trips.limitNanos()).isEqualTo(RoundTrips.MAX_LIMIT_NANOS);
    }

    @Test
    void whatIsOverdueShrinksTheWindowAndIsForgivenWithTheNextAnswers() {
        run(3_000 * MILLI, MILLI, 100 * MILLI);
        int before = trips.window(1000);
        for (int i = 0; i < 10; i++) {
            trips.overdue(0);
        }
        assertThat(trips.window(1000)).isEqualTo(RoundTrips.MIN_WINDOW);
        assertThat(trips.expectedNanos()).isGreaterThanOrEqualTo(RoundTrips.MIN_LIMIT_NANOS);
        run(5_000 * MILLI, MILLI, 100 * MILLI);
        assertThat(trips.window(1000)).isGreaterThan(before / 2);
        assertThat(trips.expectedNanos()).isLessThan(1_000 * MILLI);
    }
}
