package dev.espalier.drive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/**
 * Writes one file. {@link #close} makes it visible, {@link #abort} drops it.
 *
 * <p>Mind that a try-with-resources statement closes also when its body failed, which would leave half a file: call
 * {@link #abort} then, or use {@link WritableTree#put(String, java.io.InputStream, PutOptions)}, which does.
 *
 * <p>Bytes are cut into blocks of {@link BlobId#BLOCK_SIZE}; {@link #writeBlock} sets a boundary of its own. Of a drive,
 * the first byte takes the right to append to the blobs log, and closing gives it back: other writers wait meanwhile,
 * and a second file that the same thread writes before is an {@link IllegalStateException}.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
public abstract class EntryOutput extends OutputStream {

    /** For destinations of other kinds. */
    protected EntryOutput() {}

    @Override
    public abstract void write(int b);

    @Override
    public abstract void write(byte[] bytes, int offset, int length);

    /** Ends the block before, then stores the remaining bytes of {@code bytes} as a block of their own, even if empty. */
    public abstract void writeBlock(ByteBuffer bytes);

    /**
     * Writes all that {@code source} gives; blocks of a blob stay the blocks they are. Does not close it.
     *
     * @param copied told of the bytes of each step
     */
    void writeAll(InputStream source, LongConsumer copied) throws IOException {
        if (source instanceof BlobInput blob) {
            blob.forEachBlock(block -> {
                writeBlock(block);
                copied.accept(block.remaining());
            });
            return;
        }
        byte[] chunk = new byte[BlobId.BLOCK_SIZE];
        for (int read = source.readNBytes(chunk, 0, chunk.length);
                read > 0;
                read = source.readNBytes(chunk, 0, chunk.length)) {
            write(chunk, 0, read);
            copied.accept(read);
        }
    }

    /** Gives the file up; nothing becomes visible. Nothing happens when it was closed before. */
    public abstract void abort();

    /** Makes the file visible. Idempotent. */
    @Override
    public abstract void close();
}
