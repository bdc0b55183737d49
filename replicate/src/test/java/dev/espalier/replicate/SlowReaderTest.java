package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.replicate.LogMessage.Request;
import dev.espalier.replicate.mux.Mux;
import dev.espalier.replicate.mux.MuxChannel;
import dev.espalier.replicate.secret.SecretSession;
import dev.espalier.replicate.secret.SecretStreamHandler;
import dev.espalier.replicate.secret.SecretStreamOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A peer that asks for a lot and never reads costs bounded memory, and others nothing. */
@Timeout(120)
@SuppressWarnings("FutureReturnValueIgnored") // what fails shows as an end of the connection
class SlowReaderTest {

    private static final int BLOCKS = 500;
    private static final int BLOCK_BYTES = 64 << 10;

    @TempDir
    Path folder;

    @Test
    void aPeerThatNeverReadsKeepsItsRequestsWaitingAndNothingElse() {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (LogStore store = LogStore.open(folder.resolve("server"));
                Log log = store.log("events")) {
            List<ByteBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < BLOCKS; i++) {
                blocks.add(ByteBuffer.allocate(BLOCK_BYTES));
            }
            log.append(blocks);
            try (Replication server = Replication.listen(store, ReplicationTest.anyPort());
                    LogStore honest = LogStore.open(folder.resolve("honest"));
                    Log copy = honest.log(log.key())) {
                for (int i = 0; i < 3; i++) {
                    greedy(group, server, log, new SecretStreamHandler(SecretStreamOptions.initiator()));
                }
                ReplicationMetrics metrics = server.metrics();
                ReplicationTest.until(() -> metrics.waitingRequests() > BLOCKS);
                long bound = 3L * ((1 << 20) + (256 << 10) + (1 << 20));
                assertThat(metrics.queuedBytes()).isBetween(1L, bound);
                try (Replication client = Replication.connect(honest, server.address())) {
                    ReplicationTest.join(copy.download(0, BLOCKS));
                    assertThat(metrics.peers()).isEqualTo(4);
                    assertThat(metrics.queuedBytes()).isLessThan(bound + (3 << 20));
                    assertThat(metrics.traffic().blocks().blocksOut()).isGreaterThanOrEqualTo(BLOCKS);
                    assertThat(client.metrics().traffic().blocks().blocksIn()).isEqualTo(BLOCKS);
                    assertThat(client.metrics().waitingRequests()).isZero();
                }
            }
        } finally {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    /** Connects over {@code link}, asks for each block three times, and reads nothing of the answers until it resumes. */
    static Mux greedy(MultiThreadIoEventLoopGroup group, Replication server, Log log, ChannelHandler link) {
        long blocks = log.length();
        Mux mux = new Mux(new Mux.Listener() {
            @Override
            public void onReady(Mux opened, SecretSession session) {
                byte[] handshake = new LogHandshake(
                                true, LogHandshake.capability(log.key(), session.handshakeHash(), session.initiator()))
                        .encode();
                opened.open(PeerConnection.PROTOCOL, log.discoveryKey().bytes(), handshake, new Greedy(blocks));
            }
        });
        new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(link, mux);
                    }
                })
                .connect(server.address())
                .syncUninterruptibly();
        return mux;
    }

    private static final class Greedy implements MuxChannel.Listener {

        private final long blocks;

        Greedy(long blocks) {
            this.blocks = blocks;
        }

        @Override
        public void onOpen(MuxChannel channel, ByteBuf handshake) {
            channel.mux().pauseReading();
            channel.cork();
            for (long id = 1; id <= 3 * blocks; id++) {
                ProofRequest ask = new ProofRequest(new ProofRequest.Node(id % blocks, 0), null, null, null, false);
                CompactWriter out = new CompactWriter();
                new Request(id, 0, ask, 0).encode(out);
                channel.send(Request.TYPE, Unpooled.wrappedBuffer(out.view()));
            }
            channel.uncork();
        }

        @Override
        public void onMessage(MuxChannel channel, int type, ByteBuf body) {}

        @Override
        public void onClose(MuxChannel channel, MuxChannel.CloseReason reason) {}
    }
}
