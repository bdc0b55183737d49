package dev.espalier.drive;

import dev.espalier.log.BlockView;
import dev.espalier.log.Log;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a part of a blob, block by block; held blocks are read where they lie. The first block that is not held makes the
 * log ask for all that follow.
 *
 * <p><b>Threading:</b> one thread.
 */
final class BlobInput extends InputStream {

    private final Log log;
    private final Patience patience;
    private final BlobId id;
    private final @Nullable BlockMap map;

    /** Number of the block to read next, from 0, and how many there are. */
    private long next;

    private final long blocks;
    private long left;
    private ByteBuffer current = ByteBuffer.allocate(0);
    private @Nullable CompletableFuture<Void> ahead;
    private boolean closed;

    /** Reads {@code length} bytes from {@code start} on, both within the blob. */
    BlobInput(Log log, Patience patience, BlobId id, @Nullable BlockMap map, long start, long length) {
        this.log = log;
        this.patience = patience;
        this.id = id;
        this.map = map;
        this.blocks = map == null ? id.blockLength() : map.count();
        this.left = length;
        if (length > 0 && start > 0) {
            skipTo(start);
        }
    }

    private void skipTo(long start) {
        long ahead = start;
        if (map != null) {
            while (next < blocks && ahead >= map.length((int) next)) {
                ahead -= map.length((int) next++);
            }
        } else if (isSeekable(start)) {
            Optional<Log.Position> found = log.seek(id.byteOffset() + start);
            long block = found.isEmpty() ? -1 : found.get().block() - id.blockOffset();
            if (block < 0 || block >= blocks) {
                throw Failures.corrupt("The blob " + id + " does not hold its byte " + start + ".");
            }
            next = block;
            ahead = found.get().offset();
        }
        while (ahead > 0) {
            current = block();
            int part = (int) Math.min(ahead, current.remaining());
            current.position(current.position() + part);
            ahead -= part;
        }
    }

    /** Seeking may wait for nodes without limit, so it is for those who do or have them. */
    private boolean isSeekable(long start) {
        return id.byteOffset() + start < log.byteLength()
                && (patience.limit() == null || log.has(id.blockOffset(), id.blockOffset() + blocks));
    }

    /** The next block. */
    private ByteBuffer block() {
        if (next >= blocks) {
            throw Failures.corrupt("The blob " + id + " says it has more bytes than its blocks hold.");
        }
        long index = map == null ? id.blockOffset() + next : map.index((int) next);
        ByteBuffer block = held(index);
        if (block == null) {
            fetchAhead(index);
            block = ByteBuffer.wrap(patience.get(log, index));
        }
        if (map != null && block.remaining() != map.length((int) next)) {
            throw Failures.corrupt("Block " + index + " has " + block.remaining()
                    + " bytes, the block map that names it" + " says " + map.length((int) next) + ".");
        }
        next++;
        return block;
    }

    private @Nullable ByteBuffer held(long index) {
        try (BlockView view = log.view(index).orElse(null)) {
            // Mapped memory stays readable as long as the buffer is reachable.
            return view == null ? null : view.bytes();
        }
    }

    /** Asks once for the run of blocks that begins here, as far as the log is known. */
    private void fetchAhead(long index) {
        if (ahead != null || Duration.ZERO.equals(patience.limit())) {
            return;
        }
        long run = 1;
        if (map == null) {
            run = blocks - next;
        } else {
            while (next + run < blocks && map.index((int) (next + run)) == index + run) {
                run++;
            }
        }
        long end = Math.min(index + run, log.length());
        if (end > index + 1) {
            ahead = log.download(index, end);
        }
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        checkOpen();
        if (length == 0) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        while (!current.hasRemaining()) {
            current = block();
        }
        int part = (int) Math.min(Math.min(length, current.remaining()), left);
        current.get(target, offset, part);
        left -= part;
        return part;
    }

    @Override
    public int available() {
        return (int) Math.min(current.remaining(), left);
    }

    /** Passes what is left block by block, each as long as it is in the log, valid inside the call only. */
    void forEachBlock(Consumer<ByteBuffer> reader) {
        checkOpen();
        if (current.hasRemaining() && left > 0) {
            pass(current, reader);
        }
        // Blocks without bytes at the end belong to the blob, too.
        while (next < blocks) {
            ByteBuffer block = block();
            if (left == 0 && block.hasRemaining()) {
                return;
            }
            pass(block, reader);
        }
        if (left > 0) {
            throw Failures.corrupt("The blob " + id + " says it has more bytes than its blocks hold.");
        }
    }

    private void pass(ByteBuffer block, Consumer<ByteBuffer> reader) {
        int part = (int) Math.min(block.remaining(), left);
        left -= part;
        reader.accept(block.slice(block.position(), part));
        block.position(block.limit());
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the stream is closed");
        }
    }

    /** Withdraws what was asked for ahead. */
    @Override
    public void close() {
        closed = true;
        CompletableFuture<Void> asked = ahead;
        if (asked != null) {
            asked.cancel(false);
        }
    }
}
