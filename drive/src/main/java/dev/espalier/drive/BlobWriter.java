package dev.espalier.drive;

import dev.espalier.log.Log;
import dev.espalier.merkle.TreeHead;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends one blob (drive specification §2): blocks in groups, under the lock of the blobs log from the first byte to the
 * blob's id, so that nothing else comes in between.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class BlobWriter implements BlobSink {

    /** Blocks in one append. */
    static final int GROUP = 16;

    private final Log log;
    private final WriterLock lock;
    private final ByteBuffer[] spares;
    private final @Nullable Leftover leftover;
    private final List<ByteBuffer> pending = new ArrayList<>(GROUP);

    /** The block that is being filled: one of the spares. */
    private @Nullable ByteBuffer open;

    private boolean begun;

    /** Where the blob begins: block, and bytes before it, padding not counted. */
    private long first;

    private long firstByte;

    /** Whether all of the blob so far was left over by a batch that was killed, and how much that is. */
    private boolean reusing;

    private long reusedBlocks;
    private long reusedBytes;
    private boolean ended;

    /**
     * {@code spares} are {@link #GROUP} places for buffers to use again; they belong to whoever holds the lock. {@code
     * leftover} is what may be taken over instead of being appended.
     */
    BlobWriter(Log log, WriterLock lock, ByteBuffer[] spares, @Nullable Leftover leftover) {
        this.log = log;
        this.lock = lock;
        this.spares = spares;
        this.leftover = leftover;
    }

    /** Takes the right to append; the blob begins here. */
    void begin() {
        if (ended) {
            throw new IllegalStateException("the blob is finished");
        }
        if (!begun) {
            lock.acquire();
            try {
                start();
                begun = true;
            } finally {
                if (!begun) {
                    lock.release();
                }
            }
        }
    }

    private void start() {
        if (leftover == null) {
            startAtEnd();
            return;
        }
        leftover.begin();
        first = leftover.next();
        firstByte = leftover.nextByte();
        reusing = true;
    }

    private void startAtEnd() {
        TreeHead head = log.head();
        first = head.length();
        firstByte = contentBytes(head);
    }

    /** Positions are those of the content: what encryption adds to each block does not count. */
    private long contentBytes(TreeHead head) {
        return head.byteLength() - log.padding() * head.length();
    }

    /** Appends all there is; the blob begins here. */
    void restart() {
        begin();
        endBlock();
        if (!pending.isEmpty()) {
            append();
        }
        reusing = false;
        startAtEnd();
    }

    /** Appends a block at once, without a copy; returns its index. */
    long writeNow(ByteBuffer block) {
        begin();
        endBlock();
        pending.add(block);
        append();
        return log.length() - 1;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        begin();
        int done = 0;
        while (done < length) {
            ByteBuffer block = openBlock();
            int part = Math.min(block.remaining(), length - done);
            block.put(bytes, offset + done, part);
            done += part;
            endIfFull(block);
        }
    }

    /** Reads straight into blocks. */
    @Override
    public void writeAll(InputStream source, LongConsumer copied) throws IOException {
        begin();
        while (true) {
            ByteBuffer block = openBlock();
            int read = source.read(block.array(), block.arrayOffset() + block.position(), block.remaining());
            if (read < 0) {
                return;
            }
            block.position(block.position() + read);
            copied.accept(read);
            endIfFull(block);
        }
    }

    private ByteBuffer openBlock() {
        ByteBuffer block = open;
        if (block == null) {
            block = spare();
            open = block;
        }
        return block;
    }

    private ByteBuffer spare() {
        int index = pending.size();
        if (spares[index] == null) {
            spares[index] = ByteBuffer.allocate(BlobId.BLOCK_SIZE);
        }
        return spares[index].clear();
    }

    private void endIfFull(ByteBuffer block) {
        if (!block.hasRemaining()) {
            endBlock();
        }
    }

    private void endBlock() {
        ByteBuffer block = open;
        open = null;
        if (block != null && block.position() > 0) {
            add(block.flip());
        }
    }

    @Override
    public void writeBlock(ByteBuffer bytes) {
        begin();
        endBlock();
        ByteBuffer copy = bytes.remaining() <= BlobId.BLOCK_SIZE ? spare() : ByteBuffer.allocate(bytes.remaining());
        add(copy.put(bytes.duplicate()).flip());
    }

    /** Adds all of {@code bytes}, which must stay as they are until the end. */
    void writeShared(ByteBuffer bytes) {
        begin();
        for (int offset = 0; offset < bytes.remaining(); offset += BlobId.BLOCK_SIZE) {
            int length = Math.min(BlobId.BLOCK_SIZE, bytes.remaining() - offset);
            add(bytes.slice(bytes.position() + offset, length));
        }
    }

    private void add(ByteBuffer block) {
        pending.add(block);
        if (pending.size() == GROUP) {
            append();
        }
    }

    private void append() {
        int taken = reusing ? reuse() : 0;
        if (taken < pending.size()) {
            log.append(pending.subList(taken, pending.size()));
        }
        pending.clear();
    }

    /** Takes over blocks that are there; returns how many of the pending ones. */
    private int reuse() {
        int taken = 0;
        while (taken < pending.size() && isLeftOver(pending.get(taken))) {
            reusedBlocks++;
            reusedBytes += pending.get(taken).remaining();
            taken++;
        }
        if (taken < pending.size()) {
            reusing = false;
            if (first + reusedBlocks < log.length()) {
                moveToEnd();
            }
        }
        return taken;
    }

    private boolean isLeftOver(ByteBuffer block) {
        long index = first + reusedBlocks;
        return leftover != null && index < log.length() && leftover.holds(index, block);
    }

    /** Other blocks follow those that were taken over, and a blob lies in one piece: it begins again behind them. */
    private void moveToEnd() {
        long from = first;
        startAtEnd();
        for (long i = 0; i < reusedBlocks; i++) {
            log.append(log.get(from + i));
        }
    }

    @Override
    public BlobId finish() {
        begin();
        try {
            endBlock();
            if (!pending.isEmpty()) {
                append();
            }
            TreeHead head = log.head();
            long blocks = reusing ? reusedBlocks : head.length() - first;
            long bytes = reusing ? reusedBytes : contentBytes(head) - firstByte;
            if (leftover != null) {
                leftover.advance(first + blocks, firstByte + bytes);
            }
            return new BlobId(first, firstByte, blocks, bytes);
        } finally {
            end();
        }
    }

    @Override
    public void abort() {
        if (!ended) {
            end();
        }
    }

    private void end() {
        ended = true;
        pending.clear();
        if (begun) {
            lock.release();
        }
    }
}
