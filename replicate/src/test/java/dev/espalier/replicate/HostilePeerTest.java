package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.replicate.LogMessage.Bitfield;
import dev.espalier.replicate.LogMessage.Data;
import dev.espalier.replicate.LogMessage.Range;
import dev.espalier.replicate.LogMessage.Request;
import dev.espalier.replicate.LogMessage.Sync;
import dev.espalier.replicate.LogMessage.Want;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Peers that break the rules: their connection ends, the store and everybody else are not affected. */
@Timeout(120)
class HostilePeerTest {

    private static final byte[] HANDSHAKE_HASH = new byte[64];

    @TempDir
    Path folder;

    private LogStore store;
    private Log log;

    @BeforeEach
    void open() {
        store = LogStore.open(folder.resolve("server"));
        log = store.log("events");
        TestBlocks.append(log, 50, 500);
    }

    @AfterEach
    void othersAreServedAndTheLogIsWhole() {
        try (Replication server = Replication.listen(store, ReplicationTest.anyPort());
                LogStore honest = LogStore.open(folder.resolve("honest"));
                Log copy = honest.log(log.key());
                Replication client = Replication.connect(honest, server.address())) {
            ReplicationTest.join(copy.download(0, 50));
            TestBlocks.assertSame(copy, log);
        } finally {
            store.close();
        }
    }

    // ---- below the encryption

    @Test
    void garbageInPlaceOfAHandshakeEndsOnlyThatConnection() throws IOException {
        Random random = new Random(1);
        try (Replication server = Replication.listen(store, ReplicationTest.anyPort());
                LogStore honest = LogStore.open(folder.resolve("other"));
                Log copy = honest.log(log.key());
                Replication client = Replication.connect(honest, server.address())) {
            for (int i = 0; i < 30; i++) {
                byte[] garbage = new byte[1 + random.nextInt(2000)];
                random.nextBytes(garbage);
                send(server.address(), garbage);
            }
            // A length of 16 MiB, and of nothing.
            send(server.address(), new byte[] {-1, -1, -1, 1, 2, 3});
            send(server.address(), new byte[] {0, 0, 0, 0, 0, 0});
            ReplicationTest.join(copy.download(0, 50));
            assertThat(client.peers()).hasSize(1);
            ReplicationTest.until(() -> server.peers().size() == 1);
        }
    }

    @Test
    void peersThatStopInTheMiddleDoNotKeepOthersOut() throws IOException {
        List<Socket> silent = new ArrayList<>();
        try (Replication server = Replication.listen(store, ReplicationTest.anyPort())) {
            for (int i = 0; i < 20; i++) {
                Socket socket = new Socket(
                        server.address().getAddress(), server.address().getPort());
                socket.getOutputStream().write(new byte[] {32, 0, 0, 1, 2, 3});
                silent.add(socket);
            }
            try (LogStore honest = LogStore.open(folder.resolve("other"));
                    Log copy = honest.log(log.key());
                    Replication client = Replication.connect(honest, server.address())) {
                ReplicationTest.join(copy.download(0, 50));
            }
        } finally {
            for (Socket socket : silent) {
                assertThat(socket.getInputStream().read())
                        .as("closed with the server")
                        .isEqualTo(-1);
                socket.close();
            }
        }
    }

    /** Sends bytes and waits until the server ends the connection, or does so itself. */
    private static void send(InetSocketAddress address, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
            socket.shutdownOutput();
            InputStream in = socket.getInputStream();
            while (in.read() >= 0) {
                // whatever it says
            }
        } catch (java.net.SocketException e) {
            assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe|abort).*");
        }
    }

    // ---- above it

    @Test
    void aWrongCapabilityEndsTheConnection() {
        try (EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
            byte[] ours =
                    LogHandshake.capability(log.key(), HANDSHAKE_HASH, true).bytes();
            peer.receive(open(
                    1,
                    log.discoveryKey().bytes(),
                    new CompactWriter().uint(1).raw(ours).toByteArray()));
            assertThat(peer.isOpen()).isFalse();
            assertThat(peer.sent(Sync.class)).as("told nothing about the log").isEmpty();
        }
    }

    @Test
    void aWrongCapabilityForALogThatIsNotOpenTellsNothing() {
        Key stored;
        try (Log other = store.log("other")) {
            TestBlocks.append(other, 1, 1);
            stored = other.discoveryKey();
        }
        try (EmbeddedPeer peer = new EmbeddedPeer(store, false, HANDSHAKE_HASH)) {
            int before = peer.control().size();
            peer.receive(open(1, stored.bytes(), new byte[33]));
            assertThat(peer.isOpen()).isFalse();
            assertThat(peer.control()).hasSize(before);
        }
    }

    @Test
    void aHandshakeThatIsTooShortAndAnIdOfAnotherLengthEndTheConnection() {
        for (byte[] frame : List.of(
                open(1, log.discoveryKey().bytes(), new byte[10]),
                open(1, new byte[31], new byte[33]),
                open(1, new byte[0], new byte[33]))) {
            try (EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
                peer.receive(frame);
                assertThat(peer.isOpen()).isFalse();
            }
        }
    }

    @Test
    void aFloodOfUnknownLogsIsRejectedAndThenEnds() {
        try (EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
            int before = peer.control().size();
            int opened = 0;
            byte[] id = new byte[32];
            while (peer.isOpen() && opened <= PeerConnection.MAX_REJECTED) {
                ByteBuffer.wrap(id).putInt(++opened);
                peer.receive(open(1, id, new byte[33]));
                if (opened == 1000) {
                    assertThat(peer.control()).hasSize(before + 1000);
                }
            }
            assertThat(opened).isEqualTo(PeerConnection.MAX_REJECTED + 1);
            assertThat(peer.isOpen()).isFalse();
        }
    }

    @Test
    void brokenMessagesEndTheConnection() {
        Random random = new Random(2);
        int ended = 0;
        for (int i = 0; i < 300; i++) {
            try (EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
                AnswersTest.openFor(peer, log);
                for (int j = 0; j < 20 && peer.isOpen(); j++) {
                    byte[] body = new byte[random.nextInt(40)];
                    random.nextBytes(body);
                    peer.receive(new CompactWriter()
                            .uint(1)
                            .uint(random.nextInt(10))
                            .raw(body)
                            .toByteArray());
                }
                if (!peer.isOpen()) {
                    ended++;
                }
            }
        }
        assertThat(ended).isPositive();
        assertThat(log.length()).isEqualTo(50);
    }

    @Test
    void hugeNumbersCostNothing() {
        long huge = (1L << 53) - 1;
        try (EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
            AnswersTest.openFor(peer, log);
            peer.receive(new Sync(0, huge, 50, true, true, true, true, true));
            peer.receive(new Range(false, 0, huge));
            peer.receive(new Range(false, 1, huge));
            peer.receive(new Range(false, huge, huge));
            peer.receive(new Range(true, huge, huge));
            peer.receive(new Bitfield(huge & ~31L, ByteBuffer.wrap(new byte[] {1, 1, 1, 1})));
            peer.receive(new Want(huge, huge, false));
            peer.receive(new Want(huge, 1 << 21, false));
            peer.receive(new Want(huge - 31, 32, true));
            peer.receive(new Range(true, 0, huge));
            ProofRequest.Node node = new ProofRequest.Node(huge, huge);
            peer.receive(new Request(huge, huge, new ProofRequest(node, null, null, null, false), huge));
            peer.receive(new Request(1, 0, new ProofRequest(node, null, null, null, false), huge));
            peer.receive(new Request(2, 0, new ProofRequest(null, node, null, null, false), 0));
            peer.receive(
                    new Request(3, 0, new ProofRequest(null, null, new ProofRequest.Seek(huge, huge), null, false), 0));
            peer.receive(new Request(
                    4, 0, new ProofRequest(null, null, null, new ProofRequest.Upgrade(huge, huge), true), 0));
            peer.receive(AnswersTest.block(5, 3));
            assertThat(AnswersTest.last(peer, LogMessage.Data.class).request()).isEqualTo(5);
            assertThat(peer.isOpen()).isTrue();
        }
    }

    @Test
    void aPeerThatShowsItsTreeOverAndOverIsNotComparedForEver() {
        try (EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
            AnswersTest.openFor(peer, log);
            Proof tree =
                    log.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, log.length()), false));
            int shown = 0;
            while (peer.isOpen() && shown <= PeerBudget.MAX_COMPARED) {
                peer.receive(new Data(0, tree));
                shown++;
            }
            assertThat(shown).isEqualTo(PeerBudget.MAX_COMPARED + 1);
            assertThat(peer.isOpen()).isFalse();
            assertThat(log.conflict()).isEmpty();
        }
    }

    @Test
    void messagesBeforeTheChannelIsOpenAndOnOtherChannelsAreHarmless() {
        try (EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
            peer.receive(new Sync(0, 5, 0, true, true, true, true, false));
            peer.receive(AnswersTest.block(1, 1));
            assertThat(peer.isOpen()).isTrue();
            AnswersTest.openFor(peer, log);
            peer.receive(new CompactWriter().uint(9).uint(1).uint(1).toByteArray());
            peer.receive(AnswersTest.block(1, 1));
            assertThat(AnswersTest.last(peer, LogMessage.Data.class).request()).isEqualTo(1);
        }
    }

    @Test
    void aPeerThatOpensAndClosesOverAndOverGetsTiredFirst() {
        try (EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
            for (int i = 0; i < 500 && peer.isOpen(); i++) {
                byte[] handshake =
                        new LogHandshake(true, LogHandshake.capability(log.key(), HANDSHAKE_HASH, false)).encode();
                peer.receive(open(1, log.discoveryKey().bytes(), handshake));
                peer.receive(new CompactWriter().uint(0).uint(3).uint(1).toByteArray());
            }
            assertThat(peer.isOpen()).isTrue();
            AnswersTest.openAgain(peer, log);
            peer.receive(AnswersTest.block(1, 1));
            assertThat(AnswersTest.last(peer, LogMessage.Data.class).request()).isEqualTo(1);
        }
    }

    private static byte[] open(long localId, byte[] id, byte[] handshake) {
        return new CompactWriter()
                .uint(0)
                .uint(1)
                .uint(localId)
                .string("hypercore/alpha")
                .buffer(id)
                .raw(handshake)
                .toByteArray();
    }
}
