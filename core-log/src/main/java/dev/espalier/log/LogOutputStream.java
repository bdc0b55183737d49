package dev.espalier.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Appends bytes to a log in blocks of equal size, several at once. A flush appends what is there, as a shorter block where
 * it must. Failures are those of {@link Log#append(List)}.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class LogOutputStream extends OutputStream {

    /** Blocks per append. */
    private static final int BATCH = 16;

    private final Log log;
    private final int blockBytes;
    private final List<ByteBuffer> full = new ArrayList<>(BATCH);
    private ByteBuffer block;
    private boolean closed;

    /** Takes over the handle. */
    LogOutputStream(Log log, int blockBytes) {
        this.log = log;
        this.blockBytes = blockBytes;
        this.block = ByteBuffer.allocate(blockBytes);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        checkOpen();
        for (int done = 0; done < length; ) {
            int step = Math.min(block.remaining(), length - done);
            block.put(source, offset + done, step);
            done += step;
            if (!block.hasRemaining()) {
                endBlock();
            }
        }
    }

    private void endBlock() {
        full.add(block.flip());
        block = ByteBuffer.allocate(blockBytes);
        if (full.size() == BATCH) {
            append();
        }
    }

    private void append() {
        List<ByteBuffer> blocks = List.copyOf(full);
        full.clear(); // What failed to be appended is not tried again by closing.
        log.append(blocks);
    }

    @Override
    public void flush() throws IOException {
        checkOpen();
        if (block.position() > 0) {
            endBlock();
        }
        append();
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
    }

    /** Appends what is left. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        try (log) {
            flush();
        } finally {
            closed = true;
        }
    }
}
