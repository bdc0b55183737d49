package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a channel gives into blocks: of a fixed size, or one a line.
 *
 * <p><b>Threading:</b> one thread. A block handed out stays valid as long as the next {@code slots - 1} are read.
 */
final class BlockReader {

    /** Largest block that peers take, in bytes: 15 MiB. */
    static final int MAX_BLOCK = 15 << 20;

    private static final int CHUNK = 1 << 16;

    private final ReadableByteChannel source;
    private final int blockSize;
    private final ByteBuffer[] slots;
    private int nextSlot;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).limit(0);

    private BlockReader(ReadableByteChannel source, int blockSize, int slots) {
        this.source = source;
        this.blockSize = blockSize;
        this.slots = new ByteBuffer[slots];
    }

    /** Blocks of {@code blockSize} bytes, 1 to {@link #MAX_BLOCK}; the last one has what remains. */
    static BlockReader ofSize(ReadableByteChannel source, int blockSize, int slots) {
        if (blockSize < 1 || blockSize > MAX_BLOCK) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT", "A block has 1 to " + MAX_BLOCK + " bytes, not " + blockSize + ".");
        }
        return new BlockReader(source, blockSize, slots);
    }

    /** One block a line, without its line feed. What follows the last line feed is a line unless it is empty. */
    static BlockReader ofLines(ReadableByteChannel source) {
        return new BlockReader(source, 0, 1);
    }

    /** The next block, null at the end. */
    @Nullable
    ByteBuffer next() throws IOException {
        return blockSize > 0 ? nextSized() : nextLine();
    }

    private @Nullable ByteBuffer nextSized() throws IOException {
        ByteBuffer block = slots[nextSlot];
        if (block == null) {
            block = ByteBuffer.allocateDirect(blockSize);
            slots[nextSlot] = block;
        }
        nextSlot = (nextSlot + 1) % slots.length;
        block.clear();
        while (block.hasRemaining() && source.read(block) >= 0) {
            // Read on until it is full.
        }
        return block.position() == 0 ? null : block.flip();
    }

    private @Nullable ByteBuffer nextLine() throws IOException {
        byte[] line = new byte[128];
        int size = 0;
        boolean any = false;
        while (chunk.hasRemaining() || refill()) {
            any = true;
            int start = chunk.position();
            int end = start;
            while (end < chunk.limit() && chunk.get(end) != '\n') {
                end++;
            }
            int count = end - start;
            if (size + count > MAX_BLOCK) {
                throw new EspalierException(
                        "ERR_INVALID_INPUT", "A line is longer than a block can be, " + MAX_BLOCK + " bytes.");
            }
            if (size + count > line.length) {
                line = Arrays.copyOf(line, Math.min(MAX_BLOCK, Math.max(size + count, line.length * 2)));
            }
            chunk.get(line, size, count);
            size += count;
            if (chunk.hasRemaining()) {
                chunk.get();
                return ByteBuffer.wrap(line, 0, size);
            }
        }
        return any ? ByteBuffer.wrap(line, 0, size) : null;
    }

    private boolean refill() throws IOException {
        chunk.clear();
        int read = source.read(chunk);
        chunk.flip();
        return read >= 0;
    }
}
