package dev.espalier.drive;

import dev.espalier.log.Log;
import dev.espalier.log.LogListener;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells when something below a folder of a drive changed. Changes between two questions are told as one.
 *
 * <p><b>Threading:</b> one thread asks; any thread closes.
 */
public final class DriveWatch implements AutoCloseable {

    private final Drive drive;
    private final String folder;
    private final Semaphore moved = new Semaphore(0);
    private final AutoCloseable listening;
    private long seenVersion;
    private long seenFork;

    DriveWatch(Drive drive, String folder) {
        this.drive = drive;
        this.folder = folder;
        this.seenVersion = drive.version();
        this.seenFork = drive.fork();
        this.listening = drive.db().listen(new LogListener() {
            @Override
            public void headChanged(Log log) {
                moved.release();
            }

            @Override
            public void truncated(Log log, long length, long fork) {
                moved.release();
            }
        });
    }

    /**
     * What it looked like before and what it looks like now.
     *
     * @param before after a truncation this may be the longer one, and cannot be read any more
     */
    public record Update(DriveCheckout now, DriveCheckout before) {}

    /** Waits for the next change, at most this long; null when there was none. */
    public @Nullable Update next(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            Update update = changed();
            if (update != null || !moved.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return update;
            }
            moved.drainPermits();
        }
    }

    private @Nullable Update changed() {
        long fork = drive.fork();
        long version = drive.version();
        if (fork == seenFork && version == seenVersion) {
            return null;
        }
        DriveCheckout now = drive.checkout(version);
        DriveCheckout before = drive.checkout(seenVersion);
        boolean differs =
                fork != seenFork || now.diff(seenVersion, folder).iterator().hasNext();
        seenFork = fork;
        seenVersion = version;
        return differs ? new Update(now, before) : null;
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
