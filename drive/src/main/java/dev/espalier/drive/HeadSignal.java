package dev.espalier.drive;

import dev.espalier.log.Log;
import dev.espalier.log.LogListener;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Wakes a thread when the head of a log moves. Moves between two waits are one.
 *
 * <p><b>Threading:</b> one thread waits; any thread closes.
 */
final class HeadSignal implements AutoCloseable {

    private final Semaphore moved = new Semaphore(0);
    private final AutoCloseable listening;

    HeadSignal(Log log) {
        this.listening = log.listen(new LogListener() {
            @Override
            public void headChanged(Log changed) {
                moved.release();
            }

            @Override
            public void truncated(Log changed, long length, long fork) {
                moved.release();
            }
        });
    }

    /** Waits until the head moved since the last call, or until {@link System#nanoTime} is there; false then. */
    boolean await(long deadline) throws InterruptedException {
        if (!moved.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        moved.drainPermits();
        return true;
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (Exception e) {
            throw new IllegalStateException("a listener could not be taken away", e);
        }
    }
}
