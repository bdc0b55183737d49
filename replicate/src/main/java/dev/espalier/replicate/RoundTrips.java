package dev.espalier.replicate;

import java.util.concurrent.TimeUnit;

/**
 * How fast a peer answers, measured at its answers, and what follows from it: how many requests to have outstanding
 * with it, when to expect an answer, and from when on an answer is overdue.
 *
 * <p>The window is as large as the rate of answers fills within the shortest round trip and {@link #QUEUE_NANOS}, so
 * that the line never runs dry and little waits in a queue at the peer's side. It grows from {@link #FIRST_WINDOW}.
 *
 * <p><b>Threading:</b> the event loop of the connection; {@link #expectedNanos} any thread.
 */
final class RoundTrips {

    /** Requests outstanding before anything was measured. */
    static final int FIRST_WINDOW = 16;

    /** Fewest requests outstanding. */
    static final int MIN_WINDOW = 2;

    /** Most requests outstanding; what published peers go up to. */
    static final int MAX_WINDOW = 512;

    /** Most bytes under way, as far as {@link #MIN_WINDOW} allows. */
    static final int WINDOW_BYTES = 16 << 20;

    /** An answer is not overdue before. Pauses of either side's machine are shorter, as a rule. */
    static final long MIN_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** An answer is overdue after this in any case. */
    static final long MAX_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** An answer is overdue after this when none has come yet. */
    static final long FIRST_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Time that requests may wait at the other side. */
    private static final long QUEUE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long FIRST_EXPECTED_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MAX_SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORTEST_EPOCH_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long RATE_EPOCH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private long answers;
    private long smoothed = -1;
    private long variation;

    /** Shortest round trip of this epoch, and of the one before: a way that got longer is noticed. */
    private long shortest = Long.MAX_VALUE;

    private long shortestBefore = Long.MAX_VALUE;
    private long shortestEpoch;

    /** Highest rate of this epoch, and of the one before, in answers a nanosecond: a rate that fell is noticed. */
    private double rate;

    private double rateBefore;
    private long rateEpoch;
    private boolean windowUsed;

    private double window = FIRST_WINDOW;

    private volatile long expected = FIRST_EXPECTED_NANOS;

    /** Number of answers so far; to be given back to {@link #answered}. */
    long answers() {
        return answers;
    }

    /** Time from a request to its answer, smoothed, in nanoseconds; 0 when none was answered. */
    long smoothedNanos() {
        return Math.max(0, smoothed);
    }

    /**
     * A request was answered.
     *
     * @param sent when it was sent
     * @param answersThen {@link #answers} when it was sent
     * @param outstanding requests outstanding with the peer, this one included
     */
    void answered(long sent, long answersThen, int outstanding, long now) {
        answers++;
        long took = Math.max(1, now - sent);
        if (smoothed < 0) {
            smoothed = took;
            variation = took / 2;
            shortestEpoch = now;
            rateEpoch = now;
        } else {
            variation += (Math.abs(took - smoothed) - variation) / 4;
            smoothed += (took - smoothed) / 8;
        }
        measureShortest(took, now);
        measureRate((answers - answersThen) / (double) took, outstanding, now);
        double fills = Math.max(rate, rateBefore) * (shortestNanos() + QUEUE_NANOS);
        window = Math.max(MIN_WINDOW, Math.min(MAX_WINDOW, window + (fills - window) / 8));
        expected = smoothed;
    }

    private void measureShortest(long took, long now) {
        if (now - shortestEpoch > SHORTEST_EPOCH_NANOS) {
            shortestEpoch = now;
            shortestBefore = shortest;
            shortest = Long.MAX_VALUE;
        }
        shortest = Math.min(shortest, took);
    }

    private void measureRate(double measured, int outstanding, long now) {
        if (now - rateEpoch > Math.max(RATE_EPOCH_NANOS, 2 * shortestNanos())) {
            rateEpoch = now;
            // When little was asked the rate says nothing about the peer.
            rateBefore = windowUsed ? rate : Math.max(rateBefore, rate);
            rate = 0;
            windowUsed = false;
        }
        windowUsed |= outstanding >= (int) window;
        rate = Math.max(rate, measured);
    }

    private long shortestNanos() {
        return Math.min(MAX_SHORTEST_NANOS, Math.min(shortest, shortestBefore));
    }

    /**
     * A request was not answered in time: less is asked from this peer until it answers again.
     *
     * @param answersThen {@link #answers} when it was sent
     */
    void overdue(long answersThen) {
        boolean silent = answers == answersThen;
        window = silent ? MIN_WINDOW : Math.max(MIN_WINDOW, window / 2);
        rate = silent ? 0 : rate / 2;
        rateBefore = silent ? 0 : rateBefore / 2;
        expected = Math.max(expected, limitNanos());
    }

    /** How many requests to have outstanding, for blocks of this many bytes. */
    int window(long blockBytes) {
        long most = Math.max(MIN_WINDOW, WINDOW_BYTES / Math.max(1, blockBytes));
        return (int) Math.min(most, (long) window);
    }

    /** Time within which a request that is sent now will be answered, most likely. */
    long expectedNanos() {
        return expected;
    }

    /** Time after which the answer to a request that is sent now is overdue. */
    long limitNanos() {
        if (smoothed < 0) {
            return FIRST_LIMIT_NANOS;
        }
        long limit = smoothed + Math.max(smoothed, 4 * variation);
        return Math.max(MIN_LIMIT_NANOS, Math.min(MAX_LIMIT_NANOS, limit));
    }
}
