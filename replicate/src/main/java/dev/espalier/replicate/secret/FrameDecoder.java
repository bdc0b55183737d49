package dev.espalier.replicate.secret;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Cuts the byte stream into frame bodies: a 3-byte little-endian length, then that many bytes (replication
 * specification §1.1).
 *
 * <p>A frame is held until it is complete; room is taken as its bytes arrive, not as its length announces.
 *
 * <p><b>Threading:</b> the event loop.
 */
final class FrameDecoder extends ByteToMessageDecoder {

    static final int LENGTH_BYTES = 3;

    /** Longest body the length can express. */
    static final int MAX_BODY = 0xffffff;

    private int maxBody;

    FrameDecoder(int maxBody) {
        this.maxBody = maxBody;
    }

    /** Changes the limit for frames not decoded yet. */
    void maxBody(int bytes) {
        this.maxBody = bytes;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < LENGTH_BYTES) {
            return;
        }
        int length = in.getUnsignedMediumLE(in.readerIndex());
        if (length > maxBody) {
            in.skipBytes(in.readableBytes());
            throw new SecretStreamException(
                    SecretStreamException.HANDSHAKE,
                    "Handshake refused: a frame of " + length + " bytes, expected at most " + maxBody + ".");
        }
        if (in.readableBytes() - LENGTH_BYTES < length) {
            return;
        }
        in.skipBytes(LENGTH_BYTES);
        out.add(in.readRetainedSlice(length));
    }
}
