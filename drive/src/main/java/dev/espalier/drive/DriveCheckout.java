package dev.espalier.drive;

import java.time.Duration;

/**
 * A fixed version of a drive, made by {@link Drive#checkout}. Needs no closing; ends with its drive.
 *
 * <p>Only ends of batches are versions: reading another one fails with {@code ERR_NOT_FOUND}, or shows a fragment.
 */
public final class DriveCheckout extends DriveView {

    private final Drive drive;
    private final TreeSnapshot snapshot;
    private final Patience patience;

    DriveCheckout(Drive drive, TreeSnapshot snapshot, Patience patience) {
        this.drive = drive;
        this.snapshot = snapshot;
        this.patience = patience;
    }

    @Override
    TreeSnapshot tree() {
        return snapshot;
    }

    @Override
    boolean isHeld() {
        return drive.isHeld();
    }

    @Override
    Blobs blobStore() {
        return drive.blobStore(patience);
    }

    @Override
    public long version() {
        return snapshot.version();
    }

    /** The same version, whose reads wait at most this long for each block that is not here; zero: not at all. */
    public DriveCheckout within(Duration limit) {
        return drive.checkout(snapshot.version(), limit);
    }

    @Override
    public long clear(String path) {
        return clear(within(Duration.ZERO), path);
    }

    /** Like {@link Drive#downloadDiff}, this version being the present one. */
    public Download downloadDiff(long other, String folder) {
        return Drive.downloadChanged(this, diff(other, folder));
    }

    /** Like {@link Drive#diff(long, String)}, this version being the present one. */
    public Iterable<Drive.Change> diff(long other, String folder) {
        return Drive.changes(snapshot, drive.snapshot(other), folder);
    }

    /** Changes that led to this version. Each iteration reads as it goes. */
    public Iterable<Drive.HistoryItem> history(HistoryRange range) {
        return Drive.history(snapshot, range);
    }

    /** Like {@link Drive#blobsLength}, of this version. */
    public long blobsLength() {
        return drive.blobsLength(snapshot.version());
    }
}
