package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import org.jspecify.annotations.Nullable;

/** Reads a file of a drive at any place. <b>Threading:</b> one thread at a time. */
final class DriveByteChannel implements SeekableByteChannel {

    private final DriveView tree;
    private final Entry entry;
    private final long size;
    private final byte[] buffer = new byte[8192];
    private long position;
    private @Nullable InputStream in;
    private boolean closed;

    DriveByteChannel(DriveView tree, Entry entry) {
        this.tree = tree;
        this.entry = entry;
        this.size = tree.size(entry);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        checkOpen();
        if (position >= size) {
            return -1;
        }
        try {
            InputStream stream = in;
            if (stream == null) {
                stream = tree.newInputStream(entry, position, Long.MAX_VALUE);
                in = stream;
            }
            int total = 0;
            while (target.hasRemaining()) {
                int read = target.hasArray()
                        ? stream.read(target.array(), target.arrayOffset() + target.position(), target.remaining())
                        : stream.read(buffer, 0, Math.min(buffer.length, target.remaining()));
                if (read < 0) {
                    break;
                }
                if (target.hasArray()) {
                    target.position(target.position() + read);
                } else {
                    target.put(buffer, 0, read);
                }
                total += read;
            }
            position += total;
            return total;
        } catch (EspalierException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public long position() throws IOException {
        checkOpen();
        return position;
    }

    @Override
    public DriveByteChannel position(long place) throws IOException {
        checkOpen();
        if (place < 0) {
            throw new IllegalArgumentException("negative position " + place);
        }
        if (place != position) {
            position = place;
            end();
        }
        return this;
    }

    @Override
    public long size() throws IOException {
        checkOpen();
        return size;
    }

    @Override
    public int write(ByteBuffer source) {
        throw new NonWritableChannelException();
    }

    @Override
    public DriveByteChannel truncate(long length) {
        throw new NonWritableChannelException();
    }

    private void checkOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    private void end() throws IOException {
        InputStream stream = in;
        in = null;
        if (stream != null) {
            stream.close();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        end();
    }
}
