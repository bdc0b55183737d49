package dev.espalier.drive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Writes one file of a drive or batch: blocks as they come, the entry at the end. */
final class DriveOutput extends EntryOutput {

    private final BlobSink blob;
    private final String path;
    private final PutOptions options;
    private final Consumer<Entry> put;
    private boolean closed;
    private @Nullable Entry written;

    DriveOutput(BlobSink blob, String path, PutOptions options, Consumer<Entry> put) {
        this.blob = blob;
        this.path = path;
        this.options = options;
        this.put = put;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        checkOpen();
        try {
            blob.write(bytes, offset, length);
        } catch (RuntimeException | Error e) {
            abort();
            throw e;
        }
    }

    @Override
    public void writeBlock(ByteBuffer bytes) {
        checkOpen();
        try {
            blob.writeBlock(bytes);
        } catch (RuntimeException | Error e) {
            abort();
            throw e;
        }
    }

    @Override
    void writeAll(InputStream source, LongConsumer copied) throws IOException {
        if (source instanceof BlobInput && !options.dedup()) {
            super.writeAll(source, copied);
        } else {
            checkOpen();
            blob.writeAll(source, copied);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(path + " is closed");
        }
    }

    @Override
    public void abort() {
        closed = true;
        blob.abort();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            written = new Entry(0, path, options.executable(), null, blob.finish(), options.metadata());
            put.accept(written);
        }
    }

    /** The entry that closing made; null before. */
    @Nullable
    Entry written() {
        return written;
    }
}
