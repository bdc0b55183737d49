package dev.espalier.replicate.secret;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * A message behind its length, as direct memory throughout, so that the socket gathers it without a copy: large direct
 * pieces where they lie, heads and proofs together in one buffer. Keeps the message for as long as somebody refers to
 * it.
 */
final class PlainFrame extends CompositeByteBuf {

    /** Up to here copying costs less than one more piece. */
    private static final int COPY_LIMIT = 512;

    private final ByteBuf message;

    private PlainFrame(ByteBufAllocator allocator, ByteBuf message) {
        super(allocator, true, Integer.MAX_VALUE);
        this.message = message;
    }

    /** Takes the message over. */
    static PlainFrame of(ByteBufAllocator allocator, ByteBuf message) {
        ByteBuffer[] pieces = message.nioBuffers();
        int copied = FrameDecoder.LENGTH_BYTES;
        for (ByteBuffer piece : pieces) {
            copied += isCopied(piece) ? piece.remaining() : 0;
        }
        ByteBuf copies = allocator.directBuffer(copied).writeMediumLE(message.readableBytes());
        PlainFrame frame = new PlainFrame(allocator, message);
        for (ByteBuffer piece : pieces) {
            if (isCopied(piece)) {
                copies.writeBytes(piece);
            } else {
                frame.add(copies);
                frame.addComponent(true, Unpooled.wrappedBuffer(piece));
            }
        }
        frame.add(copies);
        copies.release();
        return frame;
    }

    private static boolean isCopied(ByteBuffer piece) {
        return !piece.isDirect() || piece.remaining() <= COPY_LIMIT;
    }

    /** Adds what was copied since. */
    private void add(ByteBuf copies) {
        if (copies.isReadable()) {
            addComponent(true, copies.readRetainedSlice(copies.readableBytes()));
        }
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        message.release();
    }
}
