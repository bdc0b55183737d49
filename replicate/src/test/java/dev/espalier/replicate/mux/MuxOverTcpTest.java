package dev.espalier.replicate.mux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.replicate.secret.SecretSession;
import dev.espalier.replicate.secret.SecretStreamException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@SuppressWarnings("FutureReturnValueIgnored")
class MuxOverTcpTest {

    private static final byte[] NONE = {};

    /** Sends every message back as it came, as far as the connection takes it. */
    private static final class Echo implements Mux.Listener {

        final CompletableFuture<Mux> closed = new CompletableFuture<>();

        @Override
        public void onReady(Mux mux, SecretSession session) {
            mux.onOpen(
                    "echo",
                    request -> request.accept(request.handshake(), new MuxTest.Silent() {
                        private boolean paused;

                        @Override
                        public void onMessage(MuxChannel channel, int type, ByteBuf body) {
                            if (!channel.send(type, body.retain()) && !paused) {
                                paused = true;
                                mux.pauseReading();
                            }
                        }

                        @Override
                        public void onWritabilityChanged(MuxChannel channel) {
                            if (paused && channel.isWritable()) {
                                paused = false;
                                mux.resumeReading();
                            }
                        }
                    }));
        }

        @Override
        public void onClose(Mux mux) {
            closed.complete(mux);
        }
    }

    /** Opens a channel, sends everything, and waits for everything to come back. */
    private static final class Sender extends MuxTest.Silent implements Mux.Listener {

        final CompletableFuture<List<byte[]>> done = new CompletableFuture<>();
        final List<byte[]> received = new ArrayList<>();
        private final List<byte[]> messages;
        private int next;
        private String handshake = "";

        Sender(List<byte[]> messages) {
            this.messages = messages;
        }

        @Override
        public void onReady(Mux mux, SecretSession session) {
            sendSome(mux.open("echo", NONE, MuxPeer.utf8("hi"), this));
        }

        @Override
        public void onOpen(MuxChannel channel, ByteBuf remote) {
            handshake = remote.toString(java.nio.charset.StandardCharsets.UTF_8);
        }

        @Override
        public void onWritabilityChanged(MuxChannel channel) {
            sendSome(channel);
        }

        @Override
        public void onMessage(MuxChannel channel, int type, ByteBuf body) {
            if (type != received.size()) {
                done.completeExceptionally(new AssertionError("out of order: " + type));
            }
            received.add(ByteBufUtil.getBytes(body));
            if (received.size() == messages.size()) {
                done.complete(received);
            }
        }

        @Override
        public void onClose(Mux mux) {
            done.completeExceptionally(new AssertionError("connection closed", mux.failure()));
        }

        private void sendSome(MuxChannel channel) {
            channel.cork();
            while (next < messages.size() && channel.isWritable()) {
                channel.send(next, Unpooled.wrappedBuffer(messages.get(next)));
                next++;
            }
            channel.uncork();
        }
    }

    @Test
    void messagesOfAllSizesComeBackOverRealSockets() throws Exception {
        Random random = new Random(1);
        List<byte[]> messages = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            byte[] message = new byte[i % 400 == 7 ? 3_000_000 : random.nextInt(5000)];
            random.nextBytes(message);
            messages.add(message);
        }
        Sender sender = new Sender(messages);
        Echo echo = new Echo();
        try (TcpPeer peer = new TcpPeer()) {
            Channel channel = peer.connect(peer.listen(() -> echo), sender);
            List<byte[]> received = sender.done.get(50, TimeUnit.SECONDS);
            assertThat(received).hasSize(messages.size());
            for (int i = 0; i < messages.size(); i++) {
                assertThat(received.get(i)).isEqualTo(messages.get(i));
            }
            assertThat(sender.handshake).isEqualTo("hi");
            channel.close();
            assertThat(echo.closed.get(10, TimeUnit.SECONDS).failure()).isNull();
        }
    }

    @Test
    void aPeerThatSpeaksGarbageLosesItsConnectionAndTheOthersKeepTheirs() throws Exception {
        Sender good = new Sender(List.of(new byte[] {1, 2, 3}));
        List<Echo> echoes = new ArrayList<>();
        try (TcpPeer peer = new TcpPeer()) {
            InetSocketAddress address = peer.listen(() -> {
                Echo echo = new Echo();
                echoes.add(echo);
                return echo;
            });
            try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
                OutputStream out = socket.getOutputStream();
                out.write(
                        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
                assertEnds(socket.getInputStream());
            }
            Mux refused = echoes.get(0).closed.get(10, TimeUnit.SECONDS);
            assertThat(refused.failure()).isInstanceOf(SecretStreamException.class);
            peer.connect(address, good);
            assertThat(good.done.get(10, TimeUnit.SECONDS)).hasSize(1);
        }
    }

    @Test
    void callsFromOtherThreadsAreRefused() throws Exception {
        CompletableFuture<MuxChannel> opened = new CompletableFuture<>();
        try (TcpPeer peer = new TcpPeer()) {
            peer.connect(
                    peer.listen(Echo::new),
                    (mux, session) -> opened.complete(mux.open("echo", NONE, NONE, new MuxTest.Silent())));
            MuxChannel channel = opened.get(10, TimeUnit.SECONDS);
            Mux mux = channel.mux();
            List<ThrowingCallable> calls = List.of(
                    () -> mux.open("echo", new byte[1], NONE, new MuxTest.Silent()),
                    () -> channel.send(0, Unpooled.EMPTY_BUFFER),
                    channel::close,
                    mux::cork,
                    mux::pauseReading);
            for (ThrowingCallable call : calls) {
                assertThatThrownBy(call)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("event loop");
            }
            CompletableFuture<Boolean> open = new CompletableFuture<>();
            mux.execute(() -> open.complete(mux.isOpen("echo", NONE)));
            assertThat(open.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void assertEnds(InputStream in) {
        try {
            assertThat(in.read()).isEqualTo(-1);
        } catch (IOException e) {
            // A reset is an end, too.
            assertThat(e).hasMessageContaining("reset");
        }
    }
}
