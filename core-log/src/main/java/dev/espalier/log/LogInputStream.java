package dev.espalier.log;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a snapshot across its blocks, from one position to another. Blocks that are not held are fetched, those
 * ahead of the reader, too. Failures are those of {@link LogSnapshot#get(long)}.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class LogInputStream extends InputStream {

    private final LogSnapshot snapshot;
    private final int prefetch;
    private final long end;
    private long position;

    /** Bytes of the block read from; the next byte is at {@link #at}. */
    private byte[] current = new byte[0];

    private int at;

    /** The block after the current one; -1 when the position has to be looked up. */
    private long next = -1;

    private long fetchedTo;
    private @Nullable CompletableFuture<Void> fetching;
    private boolean closed;

    /**
     * Takes over the snapshot.
     *
     * @param prefetch blocks to fetch ahead
     */
    LogInputStream(LogSnapshot snapshot, long offset, long length, int prefetch) {
        this.snapshot = snapshot;
        this.prefetch = prefetch;
        long bytes = snapshot.byteLength();
        this.position = Math.min(offset, bytes);
        this.end = length > bytes - position ? bytes : position + length;
    }

    @Override
    public int read() throws IOException {
        if (!fill()) {
            return -1;
        }
        position++;
        return current[at++] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = (int) Math.min(Math.min(length, current.length - at), end - position);
        System.arraycopy(current, at, target, offset, count);
        at += count;
        position += count;
        return count;
    }

    /** Skips without fetching what is skipped. */
    @Override
    public long skip(long count) throws IOException {
        checkOpen();
        long step = Math.max(0, Math.min(count, end - position));
        position += step;
        if (step <= current.length - at) {
            at += (int) step;
        } else {
            current = new byte[0];
            at = 0;
            next = -1;
        }
        return step;
    }

    @Override
    public int available() throws IOException {
        checkOpen();
        return (int) Math.min(current.length - at, end - position);
    }

    /** Makes sure that there is a byte to read; false at the end. */
    private boolean fill() throws IOException {
        checkOpen();
        while (position < end && at == current.length) {
            long offset = 0;
            if (next < 0) {
                Optional<Log.Position> place = snapshot.seek(position);
                if (place.isEmpty()) {
                    return false;
                }
                next = place.get().block();
                offset = place.get().offset();
            }
            if (next >= snapshot.length()) {
                return false;
            }
            fetchAhead(next);
            current = snapshot.get(next++);
            at = (int) Math.min(offset, current.length);
        }
        return position < end;
    }

    private void fetchAhead(long block) {
        if (prefetch <= 0 || block + prefetch / 2 < fetchedTo) {
            return;
        }
        CompletableFuture<Void> before = fetching;
        long stop = Math.min(snapshot.length(), block + prefetch);
        fetching = snapshot.fetch(block, stop);
        fetchedTo = stop;
        if (before != null) {
            before.cancel(false);
        }
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (fetching != null) {
                fetching.cancel(false);
            }
            snapshot.close();
        }
    }
}
