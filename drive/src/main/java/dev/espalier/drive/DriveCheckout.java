package dev.espalier.drive;

/**
 * A fixed version of a drive, made by {@link Drive#checkout}. Needs no closing; ends with its drive.
 *
 * <p>Only ends of batches are versions: reading another one fails with {@code ERR_NOT_FOUND}, or shows a fragment.
 */
public final class DriveCheckout extends DriveView {

    private final Drive drive;
    private final TreeSnapshot snapshot;

    DriveCheckout(Drive drive, TreeSnapshot snapshot) {
        this.drive = drive;
        this.snapshot = snapshot;
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
        return drive.blobStore();
    }

    @Override
    public long version() {
        return snapshot.version();
    }

    /** Like {@link Drive#diff(long, String)}, this version being the present one. */
    public Iterable<Drive.Change> diff(long other, String folder) {
        return Drive.changes(snapshot, drive.snapshot(other), folder);
    }

    /** Like {@link Drive#blobsLength}, of this version. */
    public long blobsLength() {
        return Drive.blobsLength(this);
    }
}
