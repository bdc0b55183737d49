package dev.espalier.replicate.mux;

import dev.espalier.replicate.secret.SecretStreamHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes frames of outgoing messages: one each, or a batch of those sent while corked (replication specification §2).
 *
 * <p>Small bodies are copied together, large ones become parts of a composite buffer and are not touched.
 *
 * <p><b>Threading:</b> the event loop.
 */
final class MuxWriter {

    /**
     * A batch this long is sent before another message is added. Peers go up to 8 MiB, but a frame can be used only
     * when its last byte is there, and this much already spreads all costs per frame.
     */
    static final int BATCH_LIMIT = 256 * 1024;

    /**
     * Batches this long are filled up to a multiple of {@link #FILL_MULTIPLE} bytes, which the fast cipher of the
     * connection asks for (docs/wire.md).
     */
    private static final int FILL_FROM = 4 * 1024;

    private static final int FILL_MULTIPLE = 8;

    /** A kind of control message that nobody knows, and so ignores. */
    private static final int FILLER = 127;

    /** Bytes that lead over to the control channel, and the length and kind of a filler. */
    private static final int LEAST_FILLER = 4;

    /** Bodies up to this size are copied. */
    private static final int COPY_LIMIT = 1024;

    private static final int HEAD_BYTES = 2 * WireUint.MAX_BYTES;
    private static final int ITEM_BYTES = 1 + 3 * WireUint.MAX_BYTES;

    private final ChannelHandlerContext ctx;
    private int corks;
    /** Whether the caller asked for a batch; then a single message becomes one, too, as peers do it. */
    private boolean asked;

    private boolean unflushed;

    private final List<ByteBuf> parts = new ArrayList<>();
    private @Nullable ByteBuf tail;
    private int items;
    private int size;
    private long lastChannel;
    /** Where in the first part the type of the first item lies. */
    private int typeIndex;

    MuxWriter(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    /** Gathers messages until the matching {@link #uncork}. */
    void cork(boolean asking) {
        corks++;
        asked |= asking;
    }

    void uncork() {
        if (corks == 0) {
            throw new IllegalStateException("uncork without cork");
        }
        if (--corks == 0) {
            flushAll();
            asked = false;
        }
    }

    /** Sends what was gathered so far, corked or not. */
    void flushAll() {
        finishBatch();
        flush();
    }

    /** Sends one message; takes over the reference of {@code body}. Channel 0 is control. */
    void send(long channel, long type, ByteBuf body) {
        int length = body.readableBytes();
        if (length > SecretStreamHandler.MAX_PLAINTEXT - HEAD_BYTES - ITEM_BYTES) {
            body.release();
            throw new IllegalArgumentException("a message of " + length + " bytes does not fit into a frame");
        }
        if (corks > 0) {
            if (size >= BATCH_LIMIT || size + length + ITEM_BYTES > SecretStreamHandler.MAX_PLAINTEXT) {
                flushAll();
            }
            addItem(channel, type, body, length);
            return;
        }
        ByteBuf head = ctx.alloc().directBuffer(HEAD_BYTES + (length <= COPY_LIMIT ? length : 0));
        WireUint.write(head, channel);
        WireUint.write(head, type);
        if (length <= COPY_LIMIT) {
            head.writeBytes(body);
            body.release();
            write(head);
        } else {
            write(ctx.alloc().compositeBuffer(2).addComponent(true, head).addComponent(true, body));
        }
        flush();
    }

    /** Drops what was gathered. */
    void release() {
        for (ByteBuf part : parts) {
            part.release();
        }
        if (tail != null) {
            tail.release();
        }
        reset();
    }

    private void addItem(long channel, long type, ByteBuf body, int length) {
        ByteBuf head = tail(ITEM_BYTES + (length <= COPY_LIMIT ? length : 0));
        int before = head.readableBytes();
        if (items == 0) {
            head.writeByte(MuxReader.CONTROL);
            head.writeByte(MuxReader.BATCH);
            WireUint.write(head, channel);
        } else if (channel != lastChannel) {
            head.writeByte(0);
            WireUint.write(head, channel);
        }
        lastChannel = channel;
        WireUint.write(head, WireUint.length(type) + (long) length);
        if (items == 0) {
            typeIndex = head.writerIndex();
        }
        WireUint.write(head, type);
        size += head.readableBytes() - before + length;
        items++;
        if (length <= COPY_LIMIT) {
            head.writeBytes(body);
            body.release();
        } else {
            parts.add(head);
            tail = null;
            parts.add(body);
        }
    }

    /** The buffer the next small bytes go to. */
    private ByteBuf tail(int room) {
        ByteBuf current = tail;
        if (current == null) {
            current = ctx.alloc().directBuffer(Math.max(room, 512));
            tail = current;
        }
        return current;
    }

    private void finishBatch() {
        if (items == 0) {
            return;
        }
        if (size >= FILL_FROM) {
            fill();
            asked = true;
        }
        if (tail != null) {
            parts.add(tail);
            tail = null;
        }
        if (items == 1 && !asked) {
            // Nothing was gained by waiting: send it as the plain message it is.
            ByteBuf first = parts.get(0);
            int end = first.writerIndex();
            int start = typeIndex - WireUint.length(lastChannel);
            WireUint.write(first.setIndex(0, start), lastChannel);
            first.setIndex(start, end);
        }
        ByteBuf frame;
        if (parts.size() == 1) {
            frame = parts.get(0);
        } else {
            CompositeByteBuf composite = ctx.alloc().compositeBuffer(parts.size());
            composite.addComponents(true, parts);
            frame = composite;
        }
        reset();
        write(frame);
    }

    private void fill() {
        int lacking = -size & (FILL_MULTIPLE - 1);
        if (lacking == 0) {
            return;
        }
        int bytes = lacking < LEAST_FILLER ? lacking + FILL_MULTIPLE : lacking;
        ByteBuf end = tail(bytes);
        end.writeByte(0).writeByte(MuxReader.CONTROL);
        int length = bytes - LEAST_FILLER + 1;
        end.writeByte(length).writeByte(FILLER).writeZero(length - 1);
    }

    private void reset() {
        parts.clear();
        tail = null;
        items = 0;
        size = 0;
        lastChannel = 0;
    }

    private void write(ByteBuf frame) {
        unflushed = true;
        ctx.write(frame).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    private void flush() {
        if (unflushed) {
            unflushed = false;
            ctx.flush();
        }
    }
}
