package dev.espalier.replicate.secret;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the byte stream into frame bodies: a 3-byte little-endian length, then that many bytes (replication
 * specification §1.1).
 *
 * <p>A body that arrived in one read is a slice of what was read. Another is put together in room of its own, which is
 * taken as bytes arrive, not as the length announces. Whoever gets a body owns it; to keep it keeps what was read with it.
 *
 * <p><b>Threading:</b> the event loop.
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {

    static final int LENGTH_BYTES = 3;

    /** Longest body the length can express. */
    static final int MAX_BODY = 0xffffff;

    private static final int LEAST_ROOM = 256;

    private int maxBody;

    // The length of the frame that is being put together, as far as it has arrived.
    private int lengthBytes;
    private int length;
    private @Nullable ByteBuf partial;
    private boolean over;

    FrameDecoder(int maxBody) {
        this.maxBody = maxBody;
    }

    /** Changes the limit for frames not decoded yet. */
    void maxBody(int bytes) {
        this.maxBody = bytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            while (in.isReadable() && !over) {
                ByteBuf body = next(ctx, in);
                if (body != null) {
                    ctx.fireChannelRead(body);
                }
            }
        } finally {
            in.release();
        }
    }

    /** The body of the next frame; null when {@code in} ends before it. */
    private @Nullable ByteBuf next(ChannelHandlerContext ctx, ByteBuf in) {
        while (lengthBytes < LENGTH_BYTES) {
            if (!in.isReadable()) {
                return null;
            }
            length |= in.readUnsignedByte() << 8 * lengthBytes++;
        }
        if (length > maxBody) {
            over = true;
            throw new SecretStreamException(
                    SecretStreamException.HANDSHAKE,
                    "Handshake refused: a frame of " + length + " bytes, expected at most " + maxBody + ".");
        }
        ByteBuf begun = partial;
        if (begun == null && in.readableBytes() >= length) {
            ByteBuf body = in.readRetainedSlice(length);
            done();
            return body;
        }
        int arrived = Math.min(in.readableBytes(), length - (begun == null ? 0 : begun.readableBytes()));
        if (begun == null) {
            begun = ctx.alloc().directBuffer(Math.min(length, Math.max(LEAST_ROOM, 2 * arrived)), length);
            partial = begun;
        }
        begun.writeBytes(in, arrived);
        if (begun.readableBytes() < length) {
            return null;
        }
        done();
        return begun;
    }

    private void done() {
        partial = null;
        lengthBytes = 0;
        length = 0;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        over = true;
        ByteBuf begun = partial;
        if (begun != null) {
            begun.release();
        }
        done();
    }
}
