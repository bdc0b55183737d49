package dev.espalier.replicate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/**
 * Counts the bytes of a connection: the first handler of its pipeline.
 *
 * <p><b>Threading:</b> counts on the event loop, is read by any thread.
 */
final class WireMeter extends ChannelDuplexHandler {

    private volatile long in;
    private volatile long out;

    long in() {
        return in;
    }

    long out() {
        return out;
    }

    // Only the event loop writes: a volatile addition is enough.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            in += bytes.readableBytes();
        }
        ctx.fireChannelRead(message);
    }

    @SuppressWarnings({"NonAtomicVolatileUpdate", "FutureReturnValueIgnored"})
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            out += bytes.readableBytes();
        }
        ctx.write(message, promise);
    }
}
