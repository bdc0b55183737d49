package dev.espalier.drive;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The history of a drive as it goes on, one change after the other. A truncation below what was told ends it.
 *
 * <p><b>Threading:</b> one thread asks; any thread closes.
 */
public final class DriveTail implements AutoCloseable {

    private final Drive drive;
    private final long fork;
    private final HeadSignal moved;
    private long next;

    DriveTail(Drive drive, long from) {
        this.drive = drive;
        this.fork = drive.fork();
        this.next = from;
        this.moved = new HeadSignal(drive.db());
    }

    /**
     * Waits for the next change, at most this long; null when there was none.
     *
     * @throws dev.espalier.merkle.EspalierException {@code INVALID_OPERATION} when the drive was truncated since this
     *     began: what was told need not be so any more
     */
    public Drive.@Nullable HistoryItem next(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            if (drive.fork() != fork) {
                throw Failures.invalidOperation(
                        "Drive " + drive.key() + " was truncated while its history was followed; begin again.");
            }
            long version = drive.version();
            if (next < version) {
                long seq = next++;
                for (Drive.HistoryItem item : Drive.history(drive.snapshot(version), HistoryRange.of(seq, seq + 1))) {
                    return item;
                }
            } else if (!moved.await(deadline)) {
                return null;
            }
        }
    }

    @Override
    public void close() {
        moved.close();
    }
}
