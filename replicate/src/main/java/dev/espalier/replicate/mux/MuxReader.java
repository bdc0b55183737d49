package dev.espalier.replicate.mux;

import dev.espalier.merkle.EncodingException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/**
 * Takes incoming frames apart, batches too, and tells a {@link MuxPairing} what they say (replication specification
 * §2).
 *
 * <p>Input is hostile. Unknown kinds of control messages and bytes left over are ignored, as peers do; what cannot be
 * decoded throws.
 *
 * <p><b>Threading:</b> the event loop.
 */
final class MuxReader {

    /** The number of the channel that controls the others. */
    static final int CONTROL = 0;

    static final int BATCH = 0;
    static final int OPEN = 1;
    static final int REJECT = 2;
    static final int CLOSE = 3;

    /** Longest protocol name and id in bytes. Longer ones exist nowhere. */
    static final int MAX_NAME = 1024;

    /** Longest handshake of an open in bytes. */
    static final int MAX_HANDSHAKE = 64 * 1024;

    private final MuxPairing pairing;

    MuxReader(MuxPairing pairing) {
        this.pairing = pairing;
    }

    /** Reads one frame, whose reference stays with the caller. */
    void read(ByteBuf frame) {
        message(WireUint.read(frame), frame);
    }

    private void message(long channel, ByteBuf message) {
        long type = WireUint.read(message);
        if (channel != CONTROL) {
            pairing.onMessage(channel, type, message);
        } else if (type == BATCH) {
            batch(message);
        } else if (type == OPEN) {
            open(message);
        } else if (type == REJECT) {
            pairing.onReject(WireUint.read(message));
        } else if (type == CLOSE) {
            pairing.onClose(WireUint.read(message));
        }
        pairing.tellCompleted();
    }

    private void batch(ByteBuf batch) {
        long channel = WireUint.read(batch);
        while (batch.isReadable() && pairing.isAlive()) {
            long length = WireUint.read(batch);
            if (length == 0) {
                channel = WireUint.read(batch);
                continue;
            }
            ByteBuf item = batch.readSlice((int) Math.min(length, batch.readableBytes()));
            if (channel == CONTROL && item.isReadable() && item.getByte(item.readerIndex()) == BATCH) {
                throw new MuxException("The peer sent a batch inside a batch.");
            }
            message(channel, item);
        }
    }

    private void open(ByteBuf message) {
        long number = WireUint.read(message);
        String protocol = name(message).toString(StandardCharsets.UTF_8);
        byte[] id = ByteBufUtil.getBytes(name(message));
        if (message.readableBytes() > MAX_HANDSHAKE) {
            throw new MuxException("The peer opened a channel with a handshake of " + message.readableBytes()
                    + " bytes, expected at most " + MAX_HANDSHAKE + ".");
        }
        pairing.onOpen(number, new ChannelName(protocol, id), ByteBufUtil.getBytes(message));
    }

    private static ByteBuf name(ByteBuf message) {
        long length = WireUint.read(message);
        if (length > MAX_NAME || length > message.readableBytes()) {
            throw new EncodingException("a name of " + length + " bytes in a message, expected at most "
                    + Math.min(MAX_NAME, message.readableBytes()));
        }
        return message.readSlice((int) length);
    }
}
