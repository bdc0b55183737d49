package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.replicate.mux.Mux;
import dev.espalier.replicate.secret.SecretSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rates, in virtual time. */
@SuppressWarnings("FutureReturnValueIgnored") // embedded channels do all at once
class ThrottleTest {

    private static final long RATE = 1_000_000;
    private static final int PIECE = 50_000;

    private final MockTicker ticker = Ticker.newMockTicker();
    private final List<EmbeddedChannel> channels = new ArrayList<>();

    private EmbeddedChannel channel(List<Throttle> up, List<Throttle> down) {
        Mux mux = new Mux(new Mux.Listener() {
            @Override
            public void onReady(Mux opened, SecretSession session) {
                throw new IllegalStateException("no handshake is made here");
            }
        });
        EmbeddedChannel channel = EmbeddedChannel.builder()
                .ticker(ticker)
                .handlers(new ThrottleHandler(up, down, mux), mux)
                .build();
        channels.add(channel);
        return channel;
    }

    @AfterEach
    void close() {
        channels.forEach(EmbeddedChannel::finishAndReleaseAll);
    }

    /** Writes as long as it may, for so many milliseconds of virtual time; returns the bytes. */
    private long write(int millis) {
        long written = 0;
        for (int i = 0; i < millis; i++) {
            for (EmbeddedChannel channel : channels) {
                channel.runPendingTasks();
                if (channel.isWritable()) {
                    channel.writeOutbound(Unpooled.buffer(PIECE).writeZero(PIECE));
                    written += PIECE;
                    ByteBuf out = channel.readOutbound();
                    out.release();
                }
            }
            ticker.advance(1, TimeUnit.MILLISECONDS);
        }
        return written;
    }

    @Test
    void aConnectionReadsNoFasterThanItsRate() {
        EmbeddedChannel channel = channel(List.of(), List.of(new Throttle(RATE)));
        // Nothing is for the mux here: it hears of bytes only to stop reading.
        channel.pipeline().addAfter(channel.pipeline().firstContext().name(), null, new Swallow());
        long read = 0;
        for (int i = 0; i < 10_000; i++) {
            channel.runPendingTasks();
            if (channel.config().isAutoRead()) {
                channel.writeInbound(Unpooled.buffer(PIECE).writeZero(PIECE));
                read += PIECE;
            }
            ticker.advance(1, TimeUnit.MILLISECONDS);
        }
        assertThat(read).isBetween(9 * RATE, 10 * RATE + 4 * PIECE);
    }

    private static final class Swallow extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }
    }

    @Test
    void oneConnectionKeepsToItsRate() {
        channel(List.of(new Throttle(RATE)), List.of());
        assertThat(write(10_000)).isBetween(9 * RATE, 10 * RATE + 4 * PIECE);
    }

    @Test
    void whoeverSharesARateKeepsToItTogetherAndNobodyStarves() {
        Throttle shared = new Throttle(RATE);
        for (int i = 0; i < 10; i++) {
            channel(List.of(shared), List.of());
        }
        // Each may be in the middle of something.
        assertThat(write(10_000)).isBetween(9 * RATE, 10 * RATE + 10L * 3 * PIECE);
    }

    @Test
    void theLowerOfTwoRatesCounts() {
        channel(List.of(new Throttle(RATE), new Throttle(RATE / 4)), List.of());
        assertThat(write(10_000)).isBetween(2 * RATE, 10 * RATE / 4 + 4 * PIECE);
    }

    @Test
    void aRateThatWasNotUsedIsNotSaved() {
        channel(List.of(new Throttle(RATE)), List.of());
        assertThat(write(1)).isEqualTo(PIECE);
        ticker.advance(1, TimeUnit.HOURS);
        assertThat(write(1_000)).isLessThan(RATE + RATE / 10 + 4 * PIECE);
    }
}
