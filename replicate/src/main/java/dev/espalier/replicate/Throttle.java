package dev.espalier.replicate;

import java.util.concurrent.TimeUnit;

/**
 * So many bytes a second. What went through is counted; whoever is ahead of the rate is to wait before more.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Throttle {

    /** What was not used for this long is lost. */
    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final long bytesPerSecond;
    private boolean begun;
    /** When what went through so far would have at the rate. */
    private long doneAt;

    /** A rate of 1 or more. */
    Throttle(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Counts bytes, at most 2^32, that go through at {@code now}, in nanoseconds. */
    synchronized void take(long bytes, long now) {
        long from = begun ? Math.max(doneAt, now - BURST_NANOS) : now;
        begun = true;
        doneAt = from + bytes * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
    }

    /** Nanoseconds to wait before more. */
    synchronized long waiting(long now) {
        return begun ? Math.max(0, doneAt - now) : 0;
    }
}
