package dev.espalier.drive;

import dev.espalier.log.Log;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends blobs one after the other, the blocks of several in one step with one signature. From the first byte on it has
 * the right to append to the blobs log, until {@link #release}; where each blob lies is known before it is appended.
 *
 * <pre>
 *   buffer   | file 1 | file 2, block 0 | file 2, block 1 | file 3 | free ...
 *            |&lt;------------- one append when it is full -----------&gt;|
 * </pre>
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class BlobGroup {

    /** Hundreds of small files fit, and a mirror that is killed has little to do again. */
    private static final int BUFFER_BYTES = 1 << 20;

    private final Blobs blobs;
    private final Log log;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final List<ByteBuffer> pending = new ArrayList<>();
    private boolean holding;

    /** End of the blocks in the buffer. */
    private int filled;

    /** Length that the log has. */
    private long appended;

    /** Length that it will have, and bytes of content. */
    private long next;

    private long nextByte;

    BlobGroup(Blobs blobs) {
        this.blobs = blobs;
        this.log = blobs.log();
    }

    /** Takes the right to append; false, without it, when {@code leftover} has blocks to be taken over. */
    boolean hold(@Nullable Leftover leftover) {
        if (holding) {
            return true;
        }
        blobs.lock().acquire();
        try {
            if (leftover != null) {
                leftover.begin();
            }
            holding = leftover == null || leftover.next() >= log.length();
            if (holding) {
                appended = log.length();
                next = appended;
                nextByte = log.byteLength();
            }
            return holding;
        } finally {
            if (!holding) {
                blobs.lock().release();
            }
        }
    }

    /** The next blob; to be finished before another one. The group must be held. */
    BlobSink sink() {
        return new Sink();
    }

    /** Whether a block is not in the log yet. */
    boolean isPending(long block) {
        return holding && block >= log.length();
    }

    /** Appends what waits. */
    void flush() {
        if (!pending.isEmpty()) {
            if (log.length() != appended) {
                // Files were told where they will lie.
                throw Failures.invalidOperation("The blobs " + log.key() + " went from " + appended + " to "
                        + log.length() + " blocks while a mirror had the right to append to them; run it again.");
            }
            appended = log.append(pending);
            pending.clear();
        }
        filled = 0;
    }

    /** Appends what waits and gives the right to append back. */
    void release() {
        try {
            flush();
        } finally {
            drop();
        }
    }

    /** Gives the right to append back; what waits is dropped. */
    void drop() {
        pending.clear();
        filled = 0;
        if (holding) {
            holding = false;
            blobs.lock().release();
        }
    }

    private void add(ByteBuffer block) {
        pending.add(block);
        next++;
        nextByte += block.remaining();
    }

    private final class Sink implements BlobSink {

        private final long first = next;
        private final long firstByte = nextByte;

        /** End of the bytes of the block that is being filled, which begins at {@link #filled}. */
        private int end = filled;

        private boolean ended;

        private void checkOpen() {
            if (ended || !holding) {
                throw new IllegalStateException("the blob is finished");
            }
        }

        /** Makes room for what is missing of a block; returns how many bytes fit. */
        private int room() {
            checkOpen();
            if (end - filled == BlobId.BLOCK_SIZE) {
                endBlock();
            }
            if (filled + BlobId.BLOCK_SIZE > buffer.length) {
                int begun = end - filled;
                byte[] block = java.util.Arrays.copyOfRange(buffer, filled, end);
                flush();
                System.arraycopy(block, 0, buffer, 0, begun);
                end = begun;
            }
            return BlobId.BLOCK_SIZE - (end - filled);
        }

        private void endBlock() {
            if (end > filled) {
                add(ByteBuffer.wrap(buffer, filled, end - filled).slice());
                filled = end;
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            for (int done = 0; done < length; ) {
                int part = Math.min(room(), length - done);
                System.arraycopy(bytes, offset + done, buffer, end, part);
                end += part;
                done += part;
            }
        }

        @Override
        public void writeBlock(ByteBuffer bytes) {
            checkOpen();
            endBlock();
            int length = bytes.remaining();
            if (filled + length > buffer.length) {
                flush();
            }
            if (length > buffer.length) {
                add(bytes.duplicate());
                flush();
            } else {
                bytes.duplicate().get(buffer, filled, length);
                add(ByteBuffer.wrap(buffer, filled, length).slice());
                filled += length;
            }
            end = filled;
        }

        @Override
        public void writeAll(InputStream source, LongConsumer copied) throws IOException {
            while (true) {
                int room = room();
                int read = source.read(buffer, end, room);
                if (read < 0) {
                    return;
                }
                end += read;
                copied.accept(read);
            }
        }

        @Override
        public BlobId finish() {
            checkOpen();
            endBlock();
            ended = true;
            return new BlobId(first, firstByte, next - first, nextByte - firstByte);
        }

        /** Its blocks stay in the row, of no use, as those that were appended. */
        @Override
        public void abort() {
            if (!ended) {
                ended = true;
                end = filled;
            }
        }
    }
}
