package dev.espalier.replicate;

import static dev.espalier.replicate.Vectors.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.replicate.LogMessage.Bitfield;
import dev.espalier.replicate.LogMessage.Cancel;
import dev.espalier.replicate.LogMessage.Data;
import dev.espalier.replicate.LogMessage.NoData;
import dev.espalier.replicate.LogMessage.Range;
import dev.espalier.replicate.LogMessage.Request;
import dev.espalier.replicate.LogMessage.Sync;
import dev.espalier.replicate.LogMessage.Want;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a peer is answered. */
class AnswersTest {

    private static final byte[] HANDSHAKE_HASH = new byte[64];

    @TempDir
    Path folder;

    @Test
    void requestsHaveThePublishedAnswers() {
        JsonObject section = Vectors.object("proofs");
        KeyPair signer = KeyPair.fromSeed(bytes(section.getAsJsonObject("signer"), "seed"));
        List<ByteBuffer> blocks = new ArrayList<>();
        section.getAsJsonArray("blocks").forEach(block -> blocks.add(ByteBuffer.wrap(bytes(block))));
        Manifest manifest = Manifest.decode(new CompactReader(bytes(section.getAsJsonObject("core"), "manifest")));
        int count = 0;
        try (LogStore store = LogStore.open(folder);
                Log log = store.log(manifest, signer);
                EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
            log.append(blocks);
            openFor(peer, log);
            for (JsonElement element : section.getAsJsonArray("list")) {
                JsonObject vector = element.getAsJsonObject();
                int before = peer.messages().size();
                byte[] request = bytes(vector, "requestHex");
                peer.receive(new CompactWriter()
                        .uint(1)
                        .uint(Request.TYPE)
                        .raw(request)
                        .toByteArray());
                String note = vector.get("note").getAsString();
                if (vector.has("dataHex")) {
                    List<EmbeddedPeer.Wire> answer =
                            peer.messages().subList(before, peer.messages().size());
                    assertThat(answer).as(note).singleElement().satisfies(wire -> {
                        assertThat(wire.type()).isEqualTo(Data.TYPE);
                        assertThat(wire.hex()).isEqualTo(vector.get("dataHex").getAsString());
                    });
                } else {
                    assertThat(peer.messages()).as(note).hasSize(before);
                    peer.channel.advanceTimeBy(5, TimeUnit.SECONDS);
                    peer.channel.runScheduledPendingTasks();
                    assertThat(last(peer, NoData.class).reason()).as(note).isEqualTo(NoData.INVALID_REQUEST);
                }
                count++;
            }
        }
        assertThat(count).isEqualTo(28);
        Vectors.report("proofs", count);
    }

    @Test
    void aBlockThatIsNotHereIsNotAvailable() {
        serve(5, (log, peer) -> {
            peer.receive(block(1, 9));
            assertThat(last(peer, NoData.class)).isEqualTo(new NoData(1, NoData.NOT_AVAILABLE));
        });
    }

    @Test
    void aRequestOfAnotherForkIsNotAvailableButBringsTheManifest() {
        serve(5, (log, peer) -> {
            peer.receive(new Request(1, 3, new ProofRequest(null, null, null, upgrade(0, 5), false), 0));
            assertThat(last(peer, NoData.class)).isEqualTo(new NoData(1, NoData.NOT_AVAILABLE));
            peer.receive(new Request(2, 3, new ProofRequest(null, null, null, upgrade(0, 5), true), 0));
            Data data = last(peer, Data.class);
            assertThat(data.request()).isEqualTo(2);
            assertThat(data.proof().manifest()).isEqualTo(log.manifest());
            assertThat(data.proof().upgrade()).isNull();
        });
    }

    @Test
    void anEmptyLogAnswersWithNothing() {
        serve(0, (log, peer) -> {
            peer.receive(new Request(7, 0, new ProofRequest(null, null, null, upgrade(0, 5), true), 0));
            Data data = last(peer, Data.class);
            assertThat(data.request()).isEqualTo(7);
            assertThat(data.proof().upgrade()).isNull();
            assertThat(data.proof().manifest()).isEqualTo(log.manifest());
        });
    }

    @Test
    void aQuestionForConflictsIsAnsweredUnderItsNumberZero() {
        serve(5, (log, peer) -> {
            peer.receive(new Request(0, 0, new ProofRequest(null, null, null, upgrade(0, 5), false), 0));
            Data data = last(peer, Data.class);
            assertThat(data.request()).isZero();
            assertThat(data.proof().upgrade().start()).isZero();
        });
    }

    @Test
    void senselessRequestsAreAnsweredLateAndTheSixtyFourthEndsTheConnection() {
        serve(5, (log, peer) -> {
            for (int i = 1; i < Answers.MAX_INVALID; i++) {
                peer.receive(new Request(i, 0, new ProofRequest(null, null, null, upgrade(0, 6), false), 0));
                assertThat(peer.isOpen()).isTrue();
            }
            assertThat(peer.sent(NoData.class)).isEmpty();
            peer.channel.advanceTimeBy(199, TimeUnit.MILLISECONDS);
            peer.channel.runScheduledPendingTasks();
            assertThat(peer.sent(NoData.class)).isEmpty();
            peer.channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            peer.channel.runScheduledPendingTasks();
            assertThat(peer.sent(NoData.class)).containsExactly(new NoData(1, NoData.INVALID_REQUEST));
            peer.channel.advanceTimeBy(10, TimeUnit.SECONDS);
            peer.channel.runScheduledPendingTasks();
            assertThat(peer.sent(NoData.class)).hasSize(Answers.MAX_INVALID - 1);
            peer.receive(new Request(99, 0, new ProofRequest(null, null, null, upgrade(0, 6), false), 0));
            assertThat(peer.isOpen()).isFalse();
        });
    }

    @Test
    void aCancelledRequestIsNotAnswered() {
        serve(5, (log, peer) -> {
            peer.receive(new Request(1, 0, new ProofRequest(null, null, null, upgrade(0, 6), false), 0));
            peer.receive(new Cancel(1));
            peer.channel.advanceTimeBy(10, TimeUnit.SECONDS);
            peer.channel.runScheduledPendingTasks();
            assertThat(peer.sent(NoData.class)).isEmpty();
        });
    }

    @Test
    void answersWaitWhileTheConnectionIsNotWritable() {
        serve(5, (log, peer) -> {
            peer.writable(false);
            for (int i = 1; i <= 4; i++) {
                peer.receive(block(i, i));
            }
            peer.receive(new Cancel(2));
            peer.receive(block(3, 0));
            assertThat(peer.sent(Data.class)).isEmpty();
            peer.writable(true);
            assertThat(peer.sent(Data.class).stream().map(Data::request)).containsExactly(1L, 4L, 3L);
            assertThat(last(peer, Data.class).proof().block().index()).isZero();
        });
    }

    @Test
    void aFloodOfRequestsThatCannotBeAnsweredEndsTheConnection() {
        serve(5, (log, peer) -> {
            peer.writable(false);
            for (int i = 1; i <= Answers.MAX_WAITING; i++) {
                peer.receive(block(i, 1));
            }
            assertThat(peer.isOpen()).isTrue();
            peer.receive(block(Answers.MAX_WAITING + 1, 1));
            assertThat(peer.isOpen()).isFalse();
        });
    }

    @Test
    void aPeerThatDoesNotReadIsToldTheNewestOnly() {
        serve(5, (log, peer) -> {
            peer.receive(new Sync(0, 5, 5, false, true, true, true, false));
            int before = peer.messages().size();
            peer.writable(false);
            for (int i = 0; i < 50; i++) {
                log.append(new byte[] {1});
                peer.receive(new Sync(0, 5, 5, false, true, true, true, false));
                peer.receive(new Want(0, 1 << 21, false));
            }
            assertThat(peer.messages()).hasSize(before);
            peer.writable(true);
            assertThat(peer.sent(Sync.class))
                    .filteredOn(sync -> sync.length() > 5)
                    .hasSize(1);
            assertThat(last(peer, Sync.class).length()).isEqualTo(55);
            assertThat(last(peer, Range.class)).isEqualTo(new Range(false, 0, 55));
        });
    }

    @Test
    void aFloodOfWantsThatCannotBeAnsweredEndsTheConnection() {
        sparse((log, peer) -> {
            peer.writable(false);
            int wants = 0;
            while (peer.isOpen() && wants < 2000) {
                peer.receive(new Want(0, 1 << 21, false));
                wants++;
            }
            assertThat(wants).isBetween(512, 514);
        });
    }

    @Test
    void wantsAreAnsweredByThePrefixOfAWholeLog() {
        serve(5, (log, peer) -> {
            peer.receive(new Want(0, 1 << 21, false));
            assertThat(last(peer, Range.class)).isEqualTo(new Range(false, 0, 5));
            int before = peer.messages().size();
            peer.receive(new Want(0, (1 << 21) + 1, false));
            assertThat(peer.messages()).hasSize(before);
        });
    }

    @Test
    void wantsAreAnsweredByBitsOfASparseLog() {
        sparse((log, peer) -> {
            peer.receive(new Want(0, 1 << 21, false));
            Bitfield bits = last(peer, Bitfield.class);
            assertThat(bits.start()).isZero();
            // Length 300, rounded up to words of 32 blocks.
            assertThat(bits.words().remaining()).isEqualTo(40);
            RemoteBlocks seen = new RemoteBlocks(new PeerBudget());
            seen.bitfield(bits.start(), bits.words());
            for (int i = 0; i < 300; i++) {
                assertThat(seen.has(i)).as("block %d", i).isEqualTo(log.has(i));
            }
            peer.receive(new Want(100, 40, false));
            assertThat(last(peer, Bitfield.class).start()).isEqualTo(96);
            int before = peer.messages().size();
            peer.receive(new Want(320, 32, false));
            assertThat(peer.messages()).as("nothing beyond the end").hasSize(before);
            peer.receive(new Want(128, 64, true));
            assertThat(last(peer, Range.class)).isEqualTo(new Range(false, 150, 1));
        });
    }

    @Test
    void aPeerThatGivesUpWhatItWasNotToldIsHereIsToldThen() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events");
                EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
            TestBlocks.append(log, 300, 20);
            Proof five = log.prove(ProofRequest.ofBlock(5, 0)).withValue(ByteBuffer.wrap(log.get(5)));
            log.clear(4, 6);
            openFor(peer, log);
            peer.receive(new Sync(0, 300, 0, true, true, true, true, false));
            peer.receive(new Want(0, 1 << 21, false));
            peer.receive(new Range(false, 5, 1));
            log.apply(five);
            int told = peer.messages().size();
            peer.receive(new Range(true, 5, 1));
            assertThat(peer.messages()).hasSize(told + 1);
            Bitfield bits = last(peer, Bitfield.class);
            assertThat(bits.words().get(0) & 0x30).as("blocks 4 and 5").isEqualTo(0x20);
        }
    }

    @Test
    void aWriterTellsWhatItAppendsAndTruncates() {
        serve(5, (log, peer) -> {
            peer.receive(new Sync(0, 5, 5, false, true, true, true, false));
            log.append(new byte[] {1});
            peer.run();
            assertThat(last(peer, Range.class)).isEqualTo(new Range(false, 0, 6));
            assertThat(last(peer, Sync.class)).isEqualTo(new Sync(0, 6, 5, true, true, true, true, false));
            log.truncate(2);
            peer.run();
            assertThat(last(peer, Range.class)).isEqualTo(new Range(true, 2, 4));
            assertThat(last(peer, Sync.class)).isEqualTo(new Sync(1, 2, 0, false, true, true, true, false));
        });
    }

    @Test
    void aShorterPeerIsToldWhenAnUpgradeForItCanBeProvenAtLast() {
        try (LogStore writing = LogStore.open(folder.resolve("writer"));
                LogStore store = LogStore.open(folder.resolve("sparse"));
                Log source = writing.log("events");
                Log log = store.log(source.key());
                EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
            TestBlocks.append(source, 8, 10);
            log.apply(source.prove(new ProofRequest(null, null, null, upgrade(0, 8), true)));
            openFor(peer, log);
            peer.receive(new Sync(0, 5, 8, false, true, true, true, false));
            assertThat(last(peer, Sync.class).canUpgrade())
                    .as("only the root of 8 blocks is held")
                    .isFalse();
            for (int i = 0; i < 8; i++) {
                log.apply(source.prove(new ProofRequest(new ProofRequest.Node(i, 3), null, null, null, false)));
            }
            peer.run();
            assertThat(last(peer, Sync.class)).isEqualTo(new Sync(0, 8, 5, true, true, true, true, false));
        }
    }

    @Test
    void aShorterPeerIsAcknowledgedAtEachSync() {
        serve(5, (log, peer) -> {
            int before = peer.sent(Sync.class).size();
            peer.receive(new Sync(0, 3, 0, false, true, true, true, false));
            assertThat(peer.sent(Sync.class)).hasSize(before + 1);
            assertThat(last(peer, Sync.class).remoteLength()).isEqualTo(3);
            peer.receive(new Sync(0, 5, 5, false, true, true, true, false));
            assertThat(peer.sent(Sync.class)).as("equal length needs none").hasSize(before + 1);
        });
    }

    @Test
    void aPushDoesNotRepeatAnUpgradeThatWasAnswered() {
        serve(5, (log, peer) -> {
            peer.receive(new Sync(0, 5, 5, false, true, true, true, true));
            log.append(new byte[] {1});
            peer.receive(new Request(1, 0, new ProofRequest(null, null, null, upgrade(5, 1), false), 0));
            assertThat(last(peer, Data.class).proof().upgrade().length()).isEqualTo(1);
            // The peer has taken the upgrade, but its word of that is still under way.
            push(peer, log, 5);
            Data pushed = last(peer, Data.class);
            assertThat(pushed.request()).isZero();
            assertThat(pushed.proof().block().index()).isEqualTo(5);
            assertThat(pushed.proof().upgrade()).isNull();
            log.append(new byte[] {2});
            push(peer, log, 6);
            assertThat(last(peer, Data.class).proof().upgrade().start()).isEqualTo(6);
        });
    }

    @Test
    void aRequestThatAPushOvertookIsAnsweredForBothLengths() {
        serve(5, (log, peer) -> {
            peer.receive(new Sync(0, 5, 5, false, true, true, true, true));
            log.append(new byte[] {1});
            push(peer, log, 5);
            log.append(List.of(ByteBuffer.allocate(3), ByteBuffer.allocate(4)));
            peer.receive(new Request(1, 0, new ProofRequest(null, null, null, upgrade(5, 3), false), 0));
            Proof.Upgrade answer = last(peer, Data.class).proof().upgrade();
            assertThat(answer.start()).isEqualTo(5);
            assertThat(answer.length()).isEqualTo(1);
            assertThat(answer.additional()).as("from 6 to 8 blocks").hasSize(1);
            // A block beyond what was pushed can come with an upgrade from there only.
            push(peer, log, 7);
            log.append(new byte[] {1});
            ProofRequest both = new ProofRequest(new ProofRequest.Node(8, 0), null, null, upgrade(6, 3), false);
            peer.receive(new Request(2, 0, both, 0));
            assertThat(last(peer, Data.class).proof().upgrade().start()).isEqualTo(8);
        });
    }

    @Test
    void whatWasPushedOfAnotherForkIsForgotten() {
        serve(5, (log, peer) -> {
            peer.receive(new Sync(0, 5, 5, false, true, true, true, true));
            log.append(new byte[] {1});
            push(peer, log, 5);
            log.truncate(2);
            TestBlocks.append(log, 2, 10);
            peer.receive(new Sync(1, 3, 4, false, true, true, true, true));
            push(peer, log, 3);
            assertThat(last(peer, Data.class).proof().upgrade().start()).isEqualTo(3);
        });
    }

    private static void push(EmbeddedPeer peer, Log log, long index) {
        peer.replicator.logInUse(log).push(index);
        peer.run();
    }

    private interface Scenario {
        void play(Log log, EmbeddedPeer peer) throws Exception;
    }

    /** A whole log of so many blocks, and a peer that has opened it. */
    private void serve(int blocks, Scenario scenario) {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events");
                EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
            TestBlocks.append(log, blocks, 50);
            openFor(peer, log);
            scenario.play(log, peer);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** A reader of 300 blocks that holds 10 to 19 and 150. */
    private void sparse(Scenario scenario) {
        try (LogStore writing = LogStore.open(folder.resolve("writer"));
                LogStore store = LogStore.open(folder.resolve("sparse"));
                Log source = writing.log("events");
                Log log = store.log(source.key());
                EmbeddedPeer peer = new EmbeddedPeer(store, true, HANDSHAKE_HASH)) {
            TestBlocks.append(source, 300, 10);
            log.apply(source.prove(new ProofRequest(null, null, null, upgrade(0, 300), true)));
            for (long i = 10; i < 20; i++) {
                log.apply(source.prove(new ProofRequest(new ProofRequest.Node(i, 8), null, null, null, false)));
            }
            log.apply(source.prove(new ProofRequest(new ProofRequest.Node(150, 8), null, null, null, false)));
            openFor(peer, log);
            scenario.play(log, peer);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Answers our open as the other side. */
    static void openFor(EmbeddedPeer peer, Log log) {
        openAgain(peer, log);
        assertThat(peer.sent(Sync.class)).hasSize(1);
    }

    /** The same, not for the first time. */
    static void openAgain(EmbeddedPeer peer, Log log) {
        byte[] handshake = new LogHandshake(true, LogHandshake.capability(log.key(), HANDSHAKE_HASH, false)).encode();
        peer.receive(new CompactWriter()
                .uint(0)
                .uint(1)
                .uint(1)
                .string("hypercore/alpha")
                .buffer(log.discoveryKey().bytes())
                .raw(handshake)
                .toByteArray());
    }

    static Request block(long id, long index) {
        return new Request(id, 0, new ProofRequest(new ProofRequest.Node(index, 0), null, null, null, false), 0);
    }

    private static ProofRequest.Upgrade upgrade(long start, long length) {
        return new ProofRequest.Upgrade(start, length);
    }

    static <T extends LogMessage> T last(EmbeddedPeer peer, Class<T> kind) {
        List<T> all = peer.sent(kind);
        assertThat(all).as(kind.getSimpleName()).isNotEmpty();
        return all.get(all.size() - 1);
    }
}
