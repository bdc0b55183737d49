package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Blocks;
import dev.espalier.log.Log;
import dev.espalier.log.LogDownload;
import dev.espalier.log.LogStore;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reader whose peer's answers are given by hand, made from a log that has everything. */
@Timeout(60)
@SuppressWarnings("FutureReturnValueIgnored") // wishes are watched through the log
class FetcherTest {

    private static final byte[] HANDSHAKE_HASH = new byte[64];

    @TempDir
    Path folder;

    private LogStore writing;
    private LogStore reading;
    private Log source;
    private Log copy;
    private EmbeddedPeer peer;
    /** How many of the peer's requests were answered. */
    private int taken;

    @BeforeEach
    void open() {
        writing = LogStore.open(folder.resolve("writer"));
        reading = LogStore.open(folder.resolve("reader"));
        source = writing.log("events");
        copy = reading.log(source.key());
        peer = new EmbeddedPeer(reading, true, HANDSHAKE_HASH);
        AnswersTest.openFor(peer, copy);
    }

    @AfterEach
    void close() {
        peer.close();
        reading.close();
        writing.close();
    }

    @Test
    void theHeadAndTheManifestAreAskedForAtOnceAndEagerly() {
        TestBlocks.append(source, 5, 50);
        peer.receive(sync(5, 0));
        List<Request> asked = requests();
        assertThat(asked).containsExactly(new Request(1, 0, ask(null, upgrade(0, 5), true), 0));
        answer(asked.get(0));
        assertThat(copy.head().treeHash()).isEqualTo(source.treeHash());
        assertThat(copy.manifest()).isEqualTo(source.manifest());
        assertThat(AnswersTest.last(peer, Sync.class)).isEqualTo(new Sync(0, 5, 5, false, true, true, true, false));
        assertThat(requests()).as("no block was wanted").isEmpty();
    }

    @Test
    void aHeadIsAskedForOnlyWhereThePeerCanProveIt() {
        TestBlocks.append(source, 5, 50);
        peer.receive(new Sync(0, 5, 0, false, true, true, true, false));
        peer.receive(new Sync(0, 5, 0, true, false, true, true, false));
        peer.receive(sync(5, 3));
        assertThat(requests())
                .as("cannot, does not upload, does not know our length")
                .isEmpty();
        peer.receive(sync(5, 0));
        assertThat(requests()).hasSize(1);
    }

    @Test
    void aRangeIsAskedForInOneWindowWithoutAskingForANodeTwice() {
        long nodes = 0;
        upgraded(500);
        copy.download(0, 500);
        Set<Long> asked = new HashSet<>();
        for (List<Request> window = requests(); !window.isEmpty(); window = requests()) {
            assertThat(window).hasSizeLessThanOrEqualTo(RoundTrips.MAX_WINDOW);
            for (Request request : window) {
                assertThat(asked.add(request.ask().block().index())).isTrue();
                nodes += request.ask().block().nodes();
                answer(request);
            }
        }
        assertThat(asked).hasSize(500);
        // The tree of 500 leaves has 499 inner nodes; each block brings the siblings that nobody brought before.
        assertThat(nodes).isLessThanOrEqualTo(500);
        assertComplete();
    }

    @Test
    void theWindowFollowsTheSizeOfTheBlocks() {
        upgraded(1000);
        copy.download(0, 1000);
        assertThat(requests()).hasSize(RoundTrips.MAX_WINDOW);
    }

    @Test
    void largeBlocksAreAskedForInASmallWindow() {
        byte[] large = new byte[256 << 10];
        for (int i = 0; i < 100; i++) {
            source.append(large);
        }
        upgraded(1);
        copy.download(0, 101);
        assertThat(requests()).hasSize(RoundTrips.WINDOW_BYTES / large.length);
    }

    @Test
    void answersMayComeInAnyOrder() {
        upgraded(300);
        CompletableFuture<Void> all = copy.download(0, 300);
        Random random = new Random(5);
        List<Request> open = new ArrayList<>(requests());
        while (!open.isEmpty()) {
            answer(open.remove(random.nextInt(open.size())));
            open.addAll(requests());
        }
        assertThat(all).isCompleted();
        assertComplete();
    }

    @Test
    void refusalsCancelledWishesAndAnyOrderLeaveNothingOut() {
        upgraded(400);
        Random random = new Random(6);
        List<Request> open = new ArrayList<>();
        int refused = 0;
        CompletableFuture<Void> all = copy.download(0, 400);
        open.addAll(requests());
        while (!open.isEmpty()) {
            Request request = open.remove(random.nextInt(open.size()));
            if (refused < Fetcher.MAX_REFUSALS - 1 && random.nextInt(8) == 0) {
                refused++;
                peer.receive(new NoData(request.id(), 0));
            } else if (random.nextInt(8) == 0) {
                copy.getAsync(random.nextInt(400)).cancel(false);
                open.add(request);
            } else {
                answer(request);
            }
            open.addAll(requests());
            cancelled().forEach(id -> open.removeIf(one -> one.id() == id));
        }
        assertThat(refused).isPositive();
        assertThat(all).isCompleted();
        assertComplete();
    }

    @Test
    void singleBlocksComeFirst() {
        upgraded(500);
        CompletableFuture<byte[]> block = copy.getAsync(499);
        copy.download(0, 500);
        List<Request> window = requests();
        assertThat(window.get(0).ask().block().index()).isEqualTo(499);
        assertThat(window.get(0).priority()).isEqualTo(1);
        assertThat(window.get(1).priority()).isZero();
        window.forEach(this::answer);
        assertThat(block.join()).isEqualTo(source.get(499));
    }

    @Test
    void aWithdrawnWishIsCancelledAndItsLateAnswerIgnored() {
        upgraded(10);
        CompletableFuture<byte[]> block = copy.getAsync(3);
        Request request = requests().get(0);
        block.cancel(false);
        peer.run();
        assertThat(cancelled()).containsExactly(request.id());
        answer(request);
        assertThat(copy.has(3)).isFalse();
        assertThat(peer.isOpen()).isTrue();
    }

    @Test
    void aWishThatIsPartOfARangeIsNotCancelled() {
        upgraded(10);
        copy.download(0, 10);
        CompletableFuture<byte[]> block = copy.getAsync(3);
        block.cancel(false);
        peer.run();
        assertThat(cancelled()).isEmpty();
    }

    @Test
    void aBlockThatTurnsOutToBeMissingIsAskedForAgainWhenItIsAnnounced() {
        upgraded(10);
        CompletableFuture<byte[]> block = copy.getAsync(3);
        peer.receive(new NoData(requests().get(0).id(), NoData.NOT_AVAILABLE));
        assertThat(requests()).isEmpty();
        assertThat(AnswersTest.last(peer, Want.class)).isEqualTo(new Want(0, 1 << 21, false));
        peer.receive(new Range(false, 3, 1));
        answerAll();
        assertThat(block.join()).isEqualTo(source.get(3));
    }

    @Test
    void whatIsForgottenWithThePrefixIsAskedForAgain() {
        upgraded(10);
        copy.getAsync(3);
        peer.run();
        for (int round = 1; round <= 3; round++) {
            peer.receive(new NoData(requests().get(0).id(), NoData.NOT_AVAILABLE));
            assertThat(peer.sent(Want.class)).hasSize(round);
            peer.receive(new Range(false, 0, 10));
        }
        answerAll();
        assertThat(copy.has(3)).isTrue();
    }

    @Test
    void refusalsOfAForkThatThePeerHasLeftSayNothingAboutItsBlocks() {
        upgraded(10);
        copy.getAsync(3);
        Request request = requests().get(0);
        source.truncate(9);
        peer.receive(new Range(true, 9, 1));
        peer.receive(new Sync(1, 9, 0, false, true, true, true, false));
        peer.receive(new NoData(request.id(), NoData.NOT_AVAILABLE));
        answerAll();
        assertThat(copy.fork()).isEqualTo(1);
        assertThat(copy.has(3)).isTrue();
        assertThat(peer.sent(Want.class)).isEmpty();
    }

    @Test
    void whatAPeerHasBeyondItsPrefixIsLearnedByOneWantForEachRegion() {
        TestBlocks.append(source, 300, 20);
        peer.receive(sync(300, 0));
        answerAll();
        copy.download(0, 300);
        copy.getAsync(7);
        assertThat(peer.sent(Want.class)).containsExactly(new Want(0, 1 << 21, false));
        assertThat(requests()).isEmpty();
        byte[] bits = new byte[40];
        bits[1] = 0b0011_1100;
        peer.receive(new Bitfield(0, ByteBuffer.wrap(bits)));
        answerAll();
        assertThat(copy.presentCount()).isEqualTo(4);
        assertThat(copy.has(10, 14)).isTrue();
        assertThat(peer.sent(Want.class)).hasSize(1);
    }

    @Test
    void aBlockThatDoesNotHoldPausesThePeerUntilItProvesTheSameTree() {
        upgraded(10);
        CompletableFuture<byte[]> block = copy.getAsync(3);
        Request request = requests().get(0);
        Proof proof = source.prove(request.ask());
        byte[] wrong = source.get(3).clone();
        ByteBuffer value = ByteBuffer.wrap(wrong.length == 0 ? new byte[] {1} : flipped(wrong));
        peer.receive(new Data(request.id(), proof.withValue(value)));
        assertThat(copy.has(3)).isFalse();
        assertThat(peer.isOpen()).isTrue();
        Request question = requests().get(0);
        assertThat(question).isEqualTo(new Request(0, 0, ask(null, upgrade(0, 10), false), 0));
        copy.getAsync(4);
        peer.run();
        assertThat(requests()).as("paused").isEmpty();
        peer.receive(new Data(0, source.prove(question.ask())));
        answerAll();
        assertThat(block.join()).isEqualTo(source.get(3));
        assertThat(copy.has(4)).isTrue();
    }

    @Test
    void aPeerThatRefusesTooMuchIsNotAskedAnyMore() {
        upgraded(200);
        copy.download(0, 200);
        int asked = 0;
        for (List<Request> window = requests(); !window.isEmpty() && asked < 1000; window = requests()) {
            for (Request request : window) {
                asked++;
                peer.receive(new NoData(request.id(), NoData.INVALID_REQUEST));
            }
        }
        assertThat(asked).isLessThanOrEqualTo(Fetcher.MAX_REFUSALS + RoundTrips.MAX_WINDOW);
        assertThat(peer.isOpen()).isTrue();
    }

    @Test
    void aPeerThatCorrectsWhatItHasIsAskedAgain() {
        upgraded(200);
        copy.download(0, 200);
        int refused = 0;
        for (List<Request> window = requests(); !window.isEmpty() && refused < 1000; window = requests()) {
            for (Request request : window) {
                refused++;
                peer.receive(new NoData(request.id(), NoData.NOT_AVAILABLE));
            }
        }
        assertThat(refused).isGreaterThanOrEqualTo(Fetcher.MAX_REFUSALS);

        peer.receive(new Range(true, 0, 200));
        peer.receive(new Range(false, 0, 200));

        answerAll();
        assertComplete();
    }

    @Test
    void refusalsOfWhatAPeerHasJustGivenUpAreNotHeldAgainstIt() {
        upgraded(200);
        copy.download(0, 200);
        List<Request> window = requests();
        assertThat(window).hasSizeGreaterThan(Fetcher.MAX_REFUSALS);
        peer.receive(new Range(true, 0, 200));
        for (Request request : window) {
            peer.receive(new NoData(request.id(), NoData.NOT_AVAILABLE));
        }

        peer.receive(new Range(false, 0, 200));

        answerAll();
        assertComplete();
    }

    @Test
    void answersToOtherQuestionsCountAsNone() {
        upgraded(20);
        copy.getAsync(3);
        Request request = requests().get(0);
        peer.receive(new Data(request.id(), source.prove(ask(new ProofRequest.Node(4, 4), null, false))));
        assertThat(copy.has(4)).isFalse();
        Request again = requests().get(0);
        assertThat(again.ask().block().index()).isEqualTo(3);
        peer.receive(new Data(again.id() + 1000, source.prove(again.ask())));
        assertThat(copy.has(3)).isFalse();
        answer(again);
        assertThat(copy.has(3)).isTrue();
    }

    @Test
    void blocksNobodyAskedForAreDropped() {
        upgraded(20);
        peer.receive(new Data(0, source.prove(ask(new ProofRequest.Node(4, 4), null, false))));
        assertThat(copy.has(4)).isFalse();
        assertThat(peer.isOpen()).isTrue();
    }

    @Test
    void pushedBlocksAreTakenWhereTheyWereAgreedTo() {
        LogReplication replication = peer.replicator.logInUse(copy);
        replication.acceptPush(true);
        upgraded(20);
        assertThat(AnswersTest.last(peer, Sync.class).allowPush()).isTrue();
        peer.receive(new Data(0, source.prove(ask(new ProofRequest.Node(4, 4), null, false))));
        assertThat(copy.has(4)).isTrue();
        TestBlocks.append(source, 3, 50);
        peer.receive(new Data(0, source.prove(ask(new ProofRequest.Node(21, 0), upgrade(20, 3), false))));
        assertThat(copy.length()).isEqualTo(23);
        assertThat(copy.has(21)).isTrue();
        // One that leans on a head that is not known here is no offence, one that does not hold is.
        TestBlocks.append(source, 9, 50);
        peer.receive(new Data(0, source.prove(ask(new ProofRequest.Node(31, 0), upgrade(28, 4), false))));
        assertThat(copy.length()).isEqualTo(23);
        Proof proof = copy.prove(ask(new ProofRequest.Node(4, 4), null, false));
        ByteBuffer wrong = ByteBuffer.wrap(flipped(source.get(5).length == 0 ? new byte[] {1} : source.get(5)));
        peer.receive(new Data(
                0,
                new Proof(0, new Proof.Block(5, null, proof.block().nodes()), null, null, null, null)
                        .withValue(wrong)));
        assertThat(copy.has(5)).isFalse();
        assertThat(peer.isOpen()).isTrue();
        replication.acceptPush(false);
        peer.run();
        assertThat(AnswersTest.last(peer, Sync.class).allowPush()).isFalse();
        peer.receive(new Data(0, source.prove(ask(new ProofRequest.Node(7, 4), null, false))));
        assertThat(copy.has(7)).isFalse();
    }

    /** Published peers answer so when they have not pushed anything yet. */
    @Test
    void anUpgradeThatDoesNotFitIsNotTheEndWhereBlocksArePushed() {
        LogReplication replication = peer.replicator.logInUse(copy);
        replication.acceptPush(true);
        upgraded(5);
        TestBlocks.append(source, 1, 50);
        peer.receive(sync(6, 5));
        Request request = requests().get(0);
        peer.receive(new Data(request.id(), source.prove(ask(null, upgrade(0, 6), false))));
        assertThat(copy.length()).isEqualTo(5);
        Request again = requests().get(0);
        assertThat(again.ask().upgrade()).isEqualTo(upgrade(5, 1));
        answer(again);
        assertThat(copy.length()).isEqualTo(6);
        // Over and over it is.
        TestBlocks.append(source, 1, 50);
        peer.receive(sync(7, 6));
        int asked = 0;
        for (List<Request> more = requests(); !more.isEmpty(); more = requests()) {
            asked++;
            peer.receive(new Data(more.get(0).id(), source.prove(ask(null, upgrade(0, 7), false))));
        }
        assertThat(asked).isEqualTo(Fetcher.MAX_REFUSALS);
        assertThat(peer.isOpen()).isTrue();
    }

    @Test
    void appendsAreFollowedWhileSomebodyWantsEverything() {
        upgraded(5);
        copy.download(0, Long.MAX_VALUE);
        answerAll();
        for (int i = 0; i < 10; i++) {
            TestBlocks.append(source, 1 + i, 30);
            peer.receive(new Range(false, 0, source.length()));
            peer.receive(sync(source.length(), copy.length()));
            answerAll();
            assertComplete();
        }
        assertThat(AnswersTest.last(peer, Range.class)).isEqualTo(new Range(false, 0, source.length()));
    }

    @Test
    void anAnswerThatAnotherPeerWasFasterThanIsNoMistake() {
        upgraded(5);
        TestBlocks.append(source, 2, 30);
        peer.receive(new Range(false, 0, 7));
        peer.receive(sync(7, 5));
        Request request = requests().get(0);
        Proof late = source.prove(request.ask());
        TestBlocks.append(source, 2, 30);
        copy.apply(source.prove(ask(null, upgrade(5, 4), false)));
        peer.receive(new Data(request.id(), late));
        peer.receive(new Range(false, 0, 9));
        peer.receive(sync(9, 9));
        copy.getAsync(6);
        peer.run();
        answerAll();
        assertThat(copy.has(6)).isTrue();
    }

    @Test
    void aTruncationIsFollowedAndWhatWasAskedBeforeIsForgotten() {
        upgraded(20);
        CompletableFuture<Void> all = copy.download(0, 20);
        List<Request> window = requests();
        window.subList(0, 12).forEach(this::answer);
        source.truncate(10);
        TestBlocks.append(source, 15, 40);
        peer.receive(new Range(true, 10, 10));
        peer.receive(new Sync(1, 25, 0, false, true, true, true, false));
        peer.receive(new Range(false, 0, 25));
        answerAll();
        peer.receive(new Sync(1, 25, 25, false, true, true, true, false));
        answerAll();
        assertThat(copy.fork()).isEqualTo(1);
        assertThat(all).isCompleted();
        join(peer, copy.download(0, 25));
        assertComplete();
    }

    @Test
    void chosenBlocksAreAskedForAndNoOthers() {
        upgraded(5_000);
        long[] chosen = {4_999, 7, 2_500, 7, 8, 9, 0};
        LogDownload download = copy.fetch(Blocks.of(chosen));
        assertThat(download.totalBlocks()).isEqualTo(6);
        assertThat(download.heldBlocks()).isZero();
        answerAll();
        assertThat(download.done()).isCompletedWithValue(download);
        assertThat(download.heldBlocks()).isEqualTo(6);
        assertThat(copy.presentCount()).isEqualTo(6);
        for (long index : chosen) {
            assertThat(copy.has(index)).isTrue();
        }
    }

    @Test
    void aLinearRangeIsAskedForFromItsFirstBlockOn() {
        upgraded(5_000);
        copy.fetch(Blocks.range(1_000, 4_000).linear());
        List<Long> asked = new ArrayList<>();
        for (List<Request> window = requests(); asked.size() < 2_000; window = requests()) {
            for (Request request : window) {
                asked.add(request.ask().block().index());
                answer(request);
            }
        }
        for (int i = 0; i < asked.size(); i++) {
            assertThat(asked.get(i)).isEqualTo(1_000 + i);
        }
    }

    @Test
    void aClosedDownloadAsksNoMore() {
        upgraded(2_000);
        List<Long> told = new ArrayList<>();
        LogDownload download =
                copy.fetch(Blocks.range(0, 2_000)).onProgress(now -> told.add(now.heldBlocks()), Runnable::run);
        List<Request> window = requests();
        answer(window.get(0));
        List<Request> more = requests();
        download.close();
        peer.run();
        assertThat(cancelled()).hasSize(window.size() - 1 + more.size());
        window.subList(1, window.size()).forEach(this::answer);
        assertThat(requests()).isEmpty();
        assertThat(copy.presentCount()).isEqualTo(1);
        assertThat(download.done()).failsWithin(Duration.ZERO);
        assertThat(told).hasSizeGreaterThan(1).isSorted();
    }

    @Test
    void aByteIsFoundWithTwoQuestionsAndOneBlock() {
        upgraded(3_000);
        long position = source.byteLength() * 2 / 3;
        Log.Position place = source.seek(position).orElseThrow();
        CompletableFuture<Void> found = reading.source().seek(copy, position, 0);
        peer.run();
        List<Request> asked = requests();
        assertThat(asked).hasSize(1);
        assertThat(asked.get(0).ask().seek()).isEqualTo(new ProofRequest.Seek(position, 0));
        assertThat(asked.get(0).ask().hash()).isNotNull();
        answer(asked.get(0));
        answerAll();
        assertThat(found).isCompleted();
        assertThat(copy.presentCount()).as("without any block").isZero();
        copy.getAsync(place.block());
        answerAll();
        assertThat(copy.seek(position, Duration.ZERO)).hasValue(place);
        assertThat(peer.sent(Request.class)).hasSizeLessThanOrEqualTo(5);
    }

    @Test
    void aByteIsFoundByPathsAloneWhereThePeerLeavesTheSeekOut() {
        upgraded(3_000);
        long position = source.byteLength() / 3;
        CompletableFuture<Void> found = reading.source().seek(copy, position, 0);
        peer.run();
        int rounds = 0;
        for (List<Request> asked = requests(); !asked.isEmpty(); asked = requests()) {
            assertThat(asked).hasSize(1);
            rounds++;
            ProofRequest.Node hash = asked.get(0).ask().hash();
            peer.receive(new Data(asked.get(0).id(), source.prove(new ProofRequest(null, hash, null, null, false))));
        }
        assertThat(rounds).isBetween(2, 12);
        assertThat(found).isCompleted();
    }

    @Test
    void aSeekThatIsGivenUpIsNotAskedAgain() {
        upgraded(3_000);
        CompletableFuture<Void> found = reading.source().seek(copy, source.byteLength() / 3, 0);
        peer.run();
        Request request = requests().get(0);
        found.cancel(false);
        answer(request);
        assertThat(requests()).isEmpty();
    }

    @Test
    void aForkThatIsClaimedAndNotProvenChangesNothing() {
        upgraded(20);
        CompletableFuture<byte[]> block = copy.getAsync(7);
        List<Request> before = requests();
        peer.receive(new Sync(9, 25, 0, false, true, true, true, false));
        Request question = requests().get(0);
        assertThat(question.fork()).isEqualTo(9);
        assertThat(question.ask().upgrade()).isEqualTo(upgrade(0, 25));
        Proof proof = source.prove(ask(null, upgrade(0, 20), false));
        Proof lie = new Proof(9, null, null, null, proof.upgrade(), null);
        peer.receive(new Data(question.id(), lie));
        assertThat(copy.fork()).isZero();
        assertThat(copy.length()).isEqualTo(20);
        assertThat(peer.isOpen()).isTrue();
        copy.getAsync(8);
        peer.run();
        assertThat(requests()).as("not asked any more").noneMatch(request -> request.id() > 0);
        answer(before.get(0));
        assertThat(block).isNotDone();
    }

    @Test
    void aShorterPeerIsNotAskedForProofsThatClimbBeyondItsTree() {
        // Nothing but the newest roots is held here, so the tree of 5 blocks cannot be related to them.
        TestBlocks.append(source, 5, 10);
        Proof shorter = source.prove(ask(null, upgrade(0, 5), true));
        TestBlocks.append(source, 3, 10);
        copy.apply(source.prove(ask(null, upgrade(0, 8), true)));
        peer.run();
        assertThat(shorter.upgrade()).isNotNull();
        peer.receive(new Range(false, 0, 5));
        peer.receive(new Sync(0, 5, 8, false, true, true, true, false));
        copy.getAsync(2);
        peer.run();
        assertThat(requests()).isEmpty();
    }

    // ---- helpers

    private void upgraded(int blocks) {
        TestBlocks.append(source, blocks, 50);
        long length = source.length();
        peer.receive(new Range(false, 0, length));
        peer.receive(sync(length, 0));
        answerAll();
        assertThat(copy.length()).isEqualTo(length);
        peer.receive(sync(length, length));
    }

    private static Sync sync(long length, long remoteLength) {
        return new Sync(0, length, remoteLength, true, true, true, true, false);
    }

    /** The requests since the last call. */
    private List<Request> requests() {
        List<Request> all = peer.sent(Request.class);
        List<Request> fresh = List.copyOf(all.subList(taken, all.size()));
        taken = all.size();
        return fresh;
    }

    private List<Long> cancelled() {
        return peer.sent(Cancel.class).stream().map(Cancel::request).toList();
    }

    private void answer(Request request) {
        peer.receive(new Data(request.id(), source.prove(request.ask())));
    }

    private void answerAll() {
        for (List<Request> open = requests(); !open.isEmpty(); open = requests()) {
            List<Request> mixed = new ArrayList<>(open);
            Collections.shuffle(mixed, new Random(1));
            mixed.forEach(this::answer);
        }
    }

    /** Answers until a download is there. */
    private void join(EmbeddedPeer asking, CompletableFuture<Void> download) {
        asking.run();
        answerAll();
        assertThat(download).isCompleted();
    }

    private void assertComplete() {
        assertThat(copy.presentCount()).isEqualTo(source.length());
        assertThat(copy.treeHash()).isEqualTo(source.treeHash());
        TestBlocks.assertSame(copy, source);
    }

    private static byte[] flipped(byte[] block) {
        block[0] ^= 1;
        return block;
    }

    private static ProofRequest ask(ProofRequest.Node block, ProofRequest.Upgrade upgrade, boolean manifest) {
        return new ProofRequest(block, null, null, upgrade, manifest);
    }

    private static ProofRequest.Upgrade upgrade(long start, long length) {
        return new ProofRequest.Upgrade(start, length);
    }
}
