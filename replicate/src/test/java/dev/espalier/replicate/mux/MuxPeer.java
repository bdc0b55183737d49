package dev.espalier.replicate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.KeyPair;
import dev.espalier.replicate.secret.SecretSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A mux on an embedded channel, without encryption below, and a log of what its channels were told. */
final class MuxPeer {

    final List<String> events = new ArrayList<>();
    final Mux mux;
    final EmbeddedChannel channel = new EmbeddedChannel();
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);

    MuxPeer() {
        channel.config().setAllocator(memory);
        mux = new Mux(new Mux.Listener() {
            @Override
            public void onReady(Mux ready, SecretSession session) {
                events.add("ready");
            }

            @Override
            public void onClose(Mux closed) {
                events.add("end");
            }
        });
        channel.pipeline().addLast(mux);
        KeyPair pair = KeyPair.fromSeed(new byte[32]);
        channel.pipeline()
                .fireUserEventTriggered(new SecretSession(true, pair.publicKey(), pair.publicKey(), new byte[64]));
        events.clear();
    }

    /** Opens a channel whose listener writes to {@link #events}. */
    MuxChannel open(String protocol, String id, String handshake) {
        return mux.open(protocol, utf8(id), utf8(handshake), new Recorder());
    }

    /** Accepts whatever the other side opens under this protocol. */
    void accept(String protocol, String handshake) {
        mux.onOpen(protocol, request -> {
            events.add("request " + text(request.id()) + " " + text(request.handshake()));
            request.accept(utf8(handshake), new Recorder());
        });
    }

    /** Delivers frames as if they arrived in one read. */
    void receive(String... frames) {
        Object[] buffers = new Object[frames.length];
        for (int i = 0; i < frames.length; i++) {
            buffers[i] = Unpooled.wrappedBuffer(HexFormat.of().parseHex(frames[i]));
        }
        channel.writeInbound(buffers);
    }

    /** The frames sent since the last call. */
    List<String> sent() {
        channel.runPendingTasks();
        List<String> frames = new ArrayList<>();
        for (ByteBuf frame = channel.readOutbound(); frame != null; frame = channel.readOutbound()) {
            frames.add(ByteBufUtil.hexDump(frame));
            frame.release();
        }
        return frames;
    }

    /** The events since the last call. */
    List<String> happened() {
        channel.runPendingTasks();
        List<String> copy = List.copyOf(events);
        events.clear();
        return copy;
    }

    /** Moves frames both ways until there are none. */
    static void exchange(MuxPeer a, MuxPeer b) {
        boolean moved = true;
        while (moved) {
            List<String> fromA = a.sent();
            List<String> fromB = b.sent();
            moved = !fromA.isEmpty() || !fromB.isEmpty();
            b.receive(fromA.toArray(String[]::new));
            a.receive(fromB.toArray(String[]::new));
        }
    }

    /** Ends the connection; nothing that was allocated for it may be left. */
    void end() {
        channel.finishAndReleaseAll();
        assertThat(memory.metric().usedDirectMemory()).isZero();
        assertThat(memory.metric().usedHeapMemory()).isZero();
    }

    static ByteBuf body(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private final class Recorder implements MuxChannel.Listener {

        @Override
        public void onOpen(MuxChannel opened, ByteBuf handshake) {
            events.add("open " + name(opened) + " " + handshake.toString(StandardCharsets.UTF_8));
        }

        @Override
        public void onMessage(MuxChannel opened, int type, ByteBuf body) {
            events.add("message " + name(opened) + " " + type + " " + body.toString(StandardCharsets.UTF_8));
        }

        @Override
        public void onClose(MuxChannel closed, MuxChannel.CloseReason reason) {
            events.add("close " + name(closed) + " " + reason);
        }

        private String name(MuxChannel named) {
            return named.protocol() + "/" + text(named.id());
        }
    }
}
