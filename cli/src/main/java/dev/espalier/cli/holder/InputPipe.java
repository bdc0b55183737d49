package dev.espalier.cli.holder;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Bytes from one thread to another, bounded, that can be cut off from outside: a read of standard input cannot.
 *
 * <p><b>Threading:</b> one thread reads; {@link #put}, {@link #end} and {@link #fail} may come from any other.
 */
public final class InputPipe extends InputStream {

    private static final int MAX_CHUNKS = 16;
    private static final int CHUNK = 1 << 16;

    private final Deque<byte[]> chunks = new ArrayDeque<>();
    private int position;
    private boolean ended;
    private boolean closed;
    private @Nullable String failure;

    /** A pipe that a thread of its own fills with what {@code source} gives. */
    public static InputPipe from(InputStream source) {
        InputPipe pipe = new InputPipe();
        Thread pump = new Thread(() -> pipe.fill(source), "espalier-input");
        pump.setDaemon(true);
        pump.start();
        return pipe;
    }

    /** Adds bytes, waiting for room; drops them when nobody will read. Not copied. */
    public synchronized void put(byte[] bytes) throws InterruptedException {
        while (chunks.size() >= MAX_CHUNKS && !closed) {
            wait();
        }
        if (!closed && bytes.length > 0) {
            chunks.add(bytes);
            notifyAll();
        }
    }

    /** Nothing more comes. */
    public synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** The reader gets an exception that says so, at once. */
    public synchronized void fail(String message) {
        failure = message;
        notifyAll();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (chunks.isEmpty() && !ended && failure == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for input", e);
            }
        }
        if (failure != null) {
            throw new IOException(failure);
        }
        byte[] chunk = chunks.peek();
        if (chunk == null) {
            return -1;
        }
        int count = Math.min(length, chunk.length - position);
        System.arraycopy(chunk, position, target, offset, count);
        position += count;
        if (position == chunk.length) {
            chunks.remove();
            position = 0;
            notifyAll();
        }
        return count;
    }

    @Override
    public synchronized void close() {
        closed = true;
        chunks.clear();
        notifyAll();
    }

    private void fill(InputStream source) {
        try {
            byte[] buffer = new byte[CHUNK];
            for (int read = source.read(buffer); read >= 0; read = source.read(buffer)) {
                put(Arrays.copyOf(buffer, read));
            }
            end();
        } catch (IOException e) {
            fail(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            fail("interrupted");
        }
    }
}
