package dev.espalier.replicate.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One side of a secret stream on an embedded channel. */
final class StreamPeer {

    final EmbeddedChannel channel = new EmbeddedChannel();
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
    final List<byte[]> plaintexts = new ArrayList<>();
    final List<Throwable> failures = new ArrayList<>();

    @Nullable
    SecretSession session;

    StreamPeer(SecretStreamOptions options) {
        channel.config().setAllocator(memory);
        channel.pipeline().addLast(new SecretStreamHandler(options), new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                session = (SecretSession) event;
            }

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ByteBuf plain = (ByteBuf) message;
                plaintexts.add(ByteBufUtil.getBytes(plain));
                plain.release();
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                failures.add(cause);
            }
        });
        channel.runPendingTasks();
    }

    /** All bytes sent since the last call. */
    byte[] sent() {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        byte[] bytes = ByteBufUtil.getBytes(all);
        all.release();
        return bytes;
    }

    void receive(byte[] bytes) {
        if (channel.isOpen()) {
            channel.writeInbound(Unpooled.copiedBuffer(bytes));
        }
    }

    void write(byte[] plaintext) {
        channel.writeOutbound(Unpooled.copiedBuffer(plaintext));
    }

    /** Ends the connection; nothing that was allocated for it may be left. */
    void end() {
        channel.finishAndReleaseAll();
        assertThat(memory.metric().usedDirectMemory()).isZero();
        assertThat(memory.metric().usedHeapMemory()).isZero();
    }

    /** Moves bytes both ways until there are none. */
    static void exchange(StreamPeer a, StreamPeer b) {
        boolean moved = true;
        while (moved) {
            byte[] fromA = a.sent();
            byte[] fromB = b.sent();
            moved = fromA.length + fromB.length > 0;
            b.receive(fromA);
            a.receive(fromB);
        }
    }
}
