package dev.espalier.drive;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Tells when something below a folder of a drive, or one entry of it, changed. Changes between two questions are told as
 * one.
 *
 * <p><b>Threading:</b> one thread asks; any thread closes.
 */
public final class DriveWatch implements AutoCloseable {

    private final Drive drive;
    private final KeyRange range;
    private final HeadSignal moved;
    private long seenVersion;
    private long seenFork;

    DriveWatch(Drive drive, KeyRange range) {
        this.drive = drive;
        this.range = range;
        this.seenVersion = drive.version();
        this.seenFork = drive.fork();
        this.moved = new HeadSignal(drive.db());
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
            if (update != null || !moved.await(deadline)) {
                return update;
            }
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
        boolean differs = fork != seenFork
                || Drive.changes(now.tree(), before.tree(), range).iterator().hasNext();
        seenFork = fork;
        seenVersion = version;
        return differs ? new Update(now, before) : null;
    }

    @Override
    public void close() {
        moved.close();
    }
}
