package dev.espalier.replicate;

import dev.espalier.replicate.mux.Mux;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Holds a connection to rates of its own and to those it shares with others.
 *
 * <p>Nothing is held back here. Ahead of the rate the connection says that it is not writable, so that no more answers
 * are made, or does not read any more, so that the other side cannot send. What is in the middle goes through: up to a
 * batch of answers, or what the socket had.
 *
 * <p><b>Threading:</b> the event loop of the connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // timers need no answer
final class ThrottleHandler extends ChannelDuplexHandler {

    /** Paid in advance when a connection may go on, so that those who share a rate do not all go on at once. */
    private static final int ADVANCE = 64 << 10;

    /** Which of the reasons not to be writable is ours. */
    private static final int WRITABILITY = 2;

    private final List<Throttle> up;
    private final List<Throttle> down;
    private final Mux mux;
    private long paidUp;
    private long paidDown;
    private boolean upWaits;
    private boolean downWaits;

    ThrottleHandler(List<Throttle> up, List<Throttle> down, Mux mux) {
        this.up = up;
        this.down = down;
        this.mux = mux;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes && !up.isEmpty()) {
            long unpaid = Math.max(0, bytes.readableBytes() - paidUp);
            paidUp = Math.max(0, paidUp - bytes.readableBytes());
            take(up, unpaid, ctx);
            if (!upWaits && paidUp == 0 && waiting(up, ctx) > 0) {
                upWaits = true;
                writable(ctx, false);
                schedule(ctx, () -> resumeUp(ctx), waiting(up, ctx));
            }
        }
        ctx.write(message, promise);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes && !down.isEmpty()) {
            long unpaid = Math.max(0, bytes.readableBytes() - paidDown);
            paidDown = Math.max(0, paidDown - bytes.readableBytes());
            take(down, unpaid, ctx);
            if (!downWaits && paidDown == 0 && waiting(down, ctx) > 0) {
                downWaits = true;
                mux.pauseReading();
                schedule(ctx, () -> resumeDown(ctx), waiting(down, ctx));
            }
        }
        ctx.fireChannelRead(message);
    }

    private void resumeUp(ChannelHandlerContext ctx) {
        long left = waiting(up, ctx);
        if (left > 0) {
            schedule(ctx, () -> resumeUp(ctx), left);
            return;
        }
        upWaits = false;
        paidUp = ADVANCE;
        take(up, ADVANCE, ctx);
        writable(ctx, true);
    }

    private void resumeDown(ChannelHandlerContext ctx) {
        long left = waiting(down, ctx);
        if (left > 0) {
            schedule(ctx, () -> resumeDown(ctx), left);
            return;
        }
        downWaits = false;
        paidDown = ADVANCE;
        take(down, ADVANCE, ctx);
        mux.resumeReading();
    }

    private static void writable(ChannelHandlerContext ctx, boolean writable) {
        ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
        if (buffer != null) {
            buffer.setUserDefinedWritability(WRITABILITY, writable);
        }
    }

    private static void schedule(ChannelHandlerContext ctx, Runnable task, long nanos) {
        ctx.executor()
                .schedule(
                        () -> {
                            if (ctx.channel().isOpen()) {
                                task.run();
                            }
                        },
                        nanos,
                        TimeUnit.NANOSECONDS);
    }

    private static void take(List<Throttle> throttles, long bytes, ChannelHandlerContext ctx) {
        long now = ctx.executor().ticker().nanoTime();
        for (Throttle throttle : throttles) {
            throttle.take(bytes, now);
        }
    }

    private static long waiting(List<Throttle> throttles, ChannelHandlerContext ctx) {
        long now = ctx.executor().ticker().nanoTime();
        long longest = 0;
        for (Throttle throttle : throttles) {
            longest = Math.max(longest, throttle.waiting(now));
        }
        return longest;
    }
}
