package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.Log;
import dev.espalier.log.LogAudit;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.KeyPair;
import dev.espalier.replicate.mux.Mux;
import dev.espalier.replicate.secret.TrustedLinkHandler;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The transport without encryption, over the loopback interface. */
@Timeout(120)
@SuppressWarnings("FutureReturnValueIgnored") // wishes are watched through the log
class TrustedLinkTest {

    private static final ReplicationOptions TRUSTED =
            ReplicationOptions.defaults().withTransport(Transport.TRUSTED);
    private static final ReplicationOptions ENCRYPTED = ReplicationOptions.defaults();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {60, 3_000, 70_000})
    void blocksOfAnySizeArrive(int bytes) {
        KeyPair identity = KeyPair.random();
        try (LogStore writing = LogStore.open(folder.resolve("a"));
                LogStore reading = LogStore.open(folder.resolve("b"));
                Log source = writing.log("events");
                Log copy = reading.log(source.key())) {
            TestBlocks.append(source, 300, bytes);
            try (Replication server = Replication.listen(writing, ReplicationTest.anyPort(), TRUSTED);
                    Replication client =
                            Replication.connect(reading, server.address(), TRUSTED.withIdentity(identity))) {
                ReplicationTest.join(copy.download(0, 300));
                assertThat(copy.treeHash()).isEqualTo(source.treeHash());
                TestBlocks.assertSame(copy, source);
                assertThat(server.peers()).extracting(PeerInfo::publicKey).containsExactly(identity.publicKey());
                assertThat(client.metrics().traffic().wireBytesIn()).isGreaterThan(source.byteLength());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whenOnlyOneSideAsksForItBothSaySo(boolean trustedServer) throws InterruptedException {
        Ear serving = new Ear();
        Ear connecting = new Ear();
        try (LogStore writing = LogStore.open(folder.resolve("a"));
                LogStore reading = LogStore.open(folder.resolve("b"));
                Replication server = Replication.listen(
                        writing,
                        ReplicationTest.anyPort(),
                        (trustedServer ? TRUSTED : ENCRYPTED).withListener(serving));
                Replication client = Replication.connect(
                        reading,
                        server.address(),
                        (trustedServer ? ENCRYPTED : TRUSTED)
                                .withListener(connecting)
                                .withoutReconnect())) {
            assertThat(serving.next().code()).isEqualTo("ERR_TRANSPORT_MISMATCH");
            assertThat(connecting.next().code()).isEqualTo("ERR_TRANSPORT_MISMATCH");
            assertThat(server.peers()).isEmpty();
            assertThat(client.peers()).isEmpty();
        }
    }

    @Test
    void aHelloOfTheSameRoleOrGarbageIsRefused() throws IOException, InterruptedException {
        Ear ear = new Ear();
        try (LogStore store = LogStore.open(folder.resolve("a"));
                Replication server = Replication.listen(store, ReplicationTest.anyPort(), TRUSTED.withListener(ear))) {
            try (Socket socket =
                    new Socket(server.address().getAddress(), server.address().getPort())) {
                // Its own hello, sent back.
                byte[] hello = new byte[99];
                new DataInputStream(socket.getInputStream()).readFully(hello);
                assertThat(new String(hello, 3, 31, StandardCharsets.US_ASCII))
                        .isEqualTo("espalier trusted link: plain, 1");
                socket.getOutputStream().write(hello);
                assertThat(ear.next().code()).isEqualTo("ERR_HANDSHAKE");
                assertThat(socket.getInputStream().read()).isNegative();
            }
            try (Socket socket =
                    new Socket(server.address().getAddress(), server.address().getPort())) {
                socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(ear.next().code()).isEqualTo("ERR_HANDSHAKE");
            }
        }
    }

    @Test
    void corruptedBytesAreCaughtByProofs() throws IOException {
        try (LogStore writing = LogStore.open(folder.resolve("a"));
                LogStore reading = LogStore.open(folder.resolve("b"));
                Log source = writing.log("events");
                Log copy = reading.log(source.key());
                ServerSocket between =
                        new ServerSocket(0, 1, ReplicationTest.anyPort().getAddress())) {
            TestBlocks.append(source, 20, 70_000);
            try (Replication server = Replication.listen(writing, ReplicationTest.anyPort(), TRUSTED)) {
                Thread relay = new Thread(() -> relay(between, server.address()));
                relay.setDaemon(true);
                relay.start();
                try (Replication client = Replication.connect(
                        reading,
                        new InetSocketAddress(between.getInetAddress(), between.getLocalPort()),
                        TRUSTED.withoutReconnect())) {
                    copy.download(0, 20);
                    ReplicationTest.until(() -> client.traffic().wireBytesIn() > 200_000);
                    TestBlocks.assertSame(copy, source);
                }
            }
        }
    }

    /** Passes bytes on both ways; from the server, each one far inside a block is flipped. */
    private static void relay(ServerSocket between, InetSocketAddress server) {
        try (Socket near = between.accept();
                Socket far = new Socket(server.getAddress(), server.getPort())) {
            Thread back = new Thread(() -> {
                try {
                    near.getInputStream().transferTo(far.getOutputStream());
                } catch (IOException e) {
                    // Over.
                }
            });
            back.setDaemon(true);
            back.start();
            InputStream in = far.getInputStream();
            byte[] buffer = new byte[8192];
            long at = 0;
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                for (int i = 0; i < count; i++, at++) {
                    if (at % 70_000 == 40_000) {
                        buffer[i] ^= 1;
                    }
                }
                near.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException e) {
            // Over.
        }
    }

    @Test
    void aLogThatIsCutAndAStoreThatClosesWhileSendingHarmNobody() {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (LogStore reading = LogStore.open(folder.resolve("b"))) {
            LogStore writing = LogStore.open(folder.resolve("a"));
            Log source = writing.log("events");
            TestBlocks.append(source, 200, 200_000);
            try (Log copy = reading.log(source.key());
                    Replication server = Replication.listen(writing, ReplicationTest.anyPort(), TRUSTED)) {
                Mux greedy = SlowReaderTest.greedy(
                        group,
                        server,
                        source,
                        new TrustedLinkHandler(true, KeyPair.random().publicKey()));
                // Slices of the mapped file wait for the socket.
                ReplicationTest.until(() -> server.metrics().queuedBytes() > 1 << 20);
                source.clear(0, 100);
                source.truncate(100);
                TestBlocks.append(source, 10, 100_000);
                try (Replication client = Replication.connect(reading, server.address(), TRUSTED)) {
                    ReplicationTest.until(() -> copy.fork() == source.fork() && copy.length() == 110);
                    copy.download(100, 110);
                    ReplicationTest.until(() -> copy.has(100, 110));
                    assertThat(client.traffic().blocks().blocksIn()).isGreaterThanOrEqualTo(10);
                }
                assertThat(server.metrics().queuedBytes()).isGreaterThan(1 << 20);
                source.close();
                writing.close();
                greedy.transport().eventLoop().execute(greedy::resumeReading);
                ReplicationTest.until(() -> server.metrics().queuedBytes() == 0);
                assertThat(LogAudit.run(copy).ok()).isTrue();
            }
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void anAllowListNeedsProvenIdentities() {
        PeerRules rules = PeerRules.NONE.allowing(Set.of(KeyPair.random().publicKey()));
        assertThatThrownBy(() -> TRUSTED.withRules(rules)).isInstanceOf(IllegalArgumentException.class);
    }

    private static final class Ear implements ReplicationListener {

        private final BlockingQueue<EspalierException> failures = new LinkedBlockingQueue<>();

        @Override
        public void handshakeFailed(InetSocketAddress address, EspalierException failure) {
            failures.add(failure);
        }

        EspalierException next() throws InterruptedException {
            EspalierException failure = failures.poll(30, TimeUnit.SECONDS);
            assertThat(failure).isNotNull();
            return failure;
        }
    }
}
