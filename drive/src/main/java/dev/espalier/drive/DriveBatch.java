package dev.espalier.drive;

import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Changes to a drive that become visible in one step, with one signature. Bytes of files are appended to the blobs at
 * once; entries wait for {@link #flush}. Reads see the staged state; changing the batch ends listings that are under way.
 *
 * <p>From the first change until {@link #flush} or {@link #close} no other thread can change the drive; it waits. The
 * same thread changing the drive past its own batch is an {@link IllegalStateException}.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
public final class DriveBatch extends DriveView implements WritableTree, AutoCloseable {

    private final Drive drive;
    private final BTreeBatch batch;
    private @Nullable Leftover leftover;
    private @Nullable BlobGroup group;

    DriveBatch(Drive drive, BTreeBatch batch) {
        this.drive = drive;
        this.batch = batch;
    }

    /** Takes over what an earlier batch of this kind left when it was killed; see {@link Mirror#resume}. */
    void resume() {
        leftover = new Leftover(drive, drive.blobs());
    }

    /**
     * Appends the bytes of several files in one step from now on. The first file takes the right to append to the blobs,
     * too, for as long as the batch lives.
     */
    void group() {
        group = new BlobGroup(drive.blobStore());
    }

    @Override
    @Nullable
    Leftover leftover() {
        return leftover;
    }

    @Override
    BTreeBatch tree() {
        return batch;
    }

    @Override
    boolean isHeld() {
        return drive.isHeld();
    }

    @Override
    Blobs blobStore() {
        return drive.blobStore();
    }

    /** The version that {@link #flush} would make. */
    @Override
    public long version() {
        return batch.version();
    }

    /** Number of staged changes. */
    public int size() {
        return batch.size();
    }

    @Override
    public DriveBatch put(String path, byte[] bytes) {
        return put(path, ByteBuffer.wrap(bytes), PutOptions.NONE);
    }

    @Override
    public DriveBatch put(String path, ByteBuffer bytes, PutOptions options) {
        return putEntry(stored(path, bytes, options));
    }

    @Override
    public EntryOutput newOutputStream(String path, PutOptions options) {
        BlobGroup files = group;
        if (files != null && options.dedup()) {
            files.release();
        } else if (files != null) {
            // First the entries, then the bytes: whoever takes both rights takes them in this order.
            batch.hold();
            if (files.hold(leftover)) {
                return new DriveOutput(files.sink(), DrivePath.normalize(path), options, this::putEntry);
            }
        }
        return output(path, options, this::putEntry);
    }

    @Override
    public InputStream newInputStream(Entry entry, long start, long length) {
        BlobId blob = entry.blob();
        if (group != null && blob != null && group.isPending(blob.blockOffset() + blob.blockLength() - 1)) {
            group.flush();
        }
        return super.newInputStream(entry, start, length);
    }

    /** Puts an entry whose bytes are already in the blobs; {@code seq} does not matter. */
    public DriveBatch putEntry(Entry entry) {
        batch.put(EntryCodec.key(DrivePath.normalize(entry.path())), EntryCodec.value(entry));
        return this;
    }

    @Override
    public DriveBatch symlink(String path, String linkname) {
        return putEntry(new Entry(0, path, false, linkname, null, null));
    }

    @Override
    public DriveBatch delete(String path) {
        batch.delete(EntryCodec.key(DrivePath.normalize(path)));
        return this;
    }

    @Override
    public long clear(String path) {
        return clear(this, path);
    }

    /** Appends all staged changes at once and closes the batch; returns the drive's version. */
    public long flush() {
        if (group != null) {
            group.release();
        }
        long version = batch.flush();
        if (leftover != null) {
            leftover.end();
        }
        return version;
    }

    /** Drops what was not flushed. Idempotent. */
    @Override
    public void close() {
        try {
            if (group != null) {
                group.drop();
            }
        } finally {
            batch.close();
        }
    }
}
