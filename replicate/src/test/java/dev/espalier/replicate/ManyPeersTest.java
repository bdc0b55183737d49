package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.replicate.LogMessage.Cancel;
import dev.espalier.replicate.LogMessage.Data;
import dev.espalier.replicate.LogMessage.Range;
import dev.espalier.replicate.LogMessage.Request;
import dev.espalier.replicate.LogMessage.Sync;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reader with several peers of different speeds, in virtual time: peers answer when the test's clock says so. */
@Timeout(60)
class ManyPeersTest {

    /** Milliseconds of one turn of the clock. */
    private static final int TURN = 10;

    @TempDir
    Path folder;

    private LogStore writing;
    private LogStore reading;
    private Log source;
    private Log copy;
    private long millis;
    private final List<Served> peers = new ArrayList<>();

    @BeforeEach
    void open() {
        writing = LogStore.open(folder.resolve("writer"));
        reading = LogStore.open(folder.resolve("reader"));
        source = writing.log("events");
        copy = reading.log(source.key());
    }

    @AfterEach
    void close() {
        peers.forEach(served -> served.peer.close());
        reading.close();
        writing.close();
    }

    /** A peer that answers so many requests a second, each at the earliest after a delay. */
    private final class Served {

        private record Arrival(Request request, long at) {}

        final EmbeddedPeer peer;
        final double perTurn;
        final long delay;
        final ArrayDeque<Arrival> queue = new ArrayDeque<>();
        double credit;
        int taken;
        int cancels;
        int answered;
        long blocksAsked;
        int most;
        boolean silent;

        Served(double perSecond, long delayMillis) {
            perTurn = perSecond * TURN / 1000;
            delay = delayMillis;
            peer = new EmbeddedPeer(
                    reading, true, new byte[64], () -> TimeUnit.MILLISECONDS.toNanos(ManyPeersTest.this.millis));
            AnswersTest.openFor(peer, copy);
            peers.add(this);
        }

        void announce(long start, long end) {
            peer.receive(new Range(false, start, end - start));
            peer.receive(new Sync(0, source.length(), copy.length(), true, true, true, true, false));
        }

        void takeRequests() {
            List<EmbeddedPeer.Wire> messages = peer.sentAfter(taken);
            taken += messages.size();
            for (EmbeddedPeer.Wire wire : messages) {
                LogMessage message = wire.channel() == 0 ? null : wire.message();
                if (message instanceof Request request) {
                    queue.add(new Arrival(request, millis + delay));
                    blocksAsked += request.ask().block() != null ? 1 : 0;
                } else if (message instanceof Cancel cancel) {
                    queue.removeIf(arrival -> arrival.request.id() == cancel.request());
                    cancels++;
                }
            }
            most = Math.max(most, queue.size());
        }

        void answer() {
            credit = Math.min(credit + perTurn, Math.max(1, perTurn));
            while (!silent && credit >= 1 && !queue.isEmpty() && queue.element().at <= millis) {
                Request request = queue.remove().request;
                credit--;
                answered += request.ask().block() != null ? 1 : 0;
                peer.receive(new Data(request.id(), proof(request)));
                takeRequests();
            }
        }
    }

    @Test
    void aSilentPeerHoldsItsBlocksForALimitedTimeOnly() {
        head(1000, 50);
        Served silent = new Served(100, 1);
        silent.silent = true;
        silent.announce(0, 1000);
        CompletableFuture<Void> all = copy.download(0, 1000);
        turn();
        assertThat(silent.blocksAsked).isEqualTo(RoundTrips.FIRST_WINDOW);
        Served other = new Served(1000, 1);
        other.announce(0, 1000);
        runUntil(all, 10_000);
        turn();
        assertThat(other.answered).isEqualTo(1000);
        assertThat(silent.cancels)
                .as("told that the rest is not needed any more")
                .isEqualTo((int) silent.blocksAsked);
        assertComplete();
    }

    @Test
    void aPeerThatFallsSilentIsAskedNoMoreUntilItAnswers() {
        head(20_000, 20);
        Served first = new Served(1000, 1);
        Served second = new Served(1000, 1);
        first.announce(0, 20_000);
        second.announce(0, 20_000);
        CompletableFuture<Void> all = copy.download(0, 20_000);
        run(1_000);
        first.silent = true;
        run(3_000);
        long asked = first.blocksAsked;
        run(3_000);
        // Some few at a time, to see whether it has come back.
        assertThat(first.blocksAsked - asked).isLessThan(10);
        first.silent = false;
        int before = first.answered;
        run(3_000);
        assertThat(first.answered - before).isGreaterThan(1000);
        runUntil(all, 60_000);
        assertComplete();
    }

    @Test
    void anAnswerThatComesLateCountsAllTheSame() {
        head(10, 50);
        Served slow = new Served(100, 7_000);
        slow.announce(0, 10);
        CompletableFuture<byte[]> block = copy.getAsync(3);
        run(6_000);
        assertThat(slow.blocksAsked).as("nobody else is there").isEqualTo(1);
        runUntil(block, 2_000);
        assertThat(block.join()).isEqualTo(source.get(3));
    }

    @Test
    void aGetIsAskedElsewhereWhenItsPeerIsSilent() {
        head(10, 50);
        Served silent = new Served(100, 1);
        silent.silent = true;
        silent.announce(0, 10);
        CompletableFuture<byte[]> block = copy.getAsync(3);
        turn();
        Served other = new Served(100, 1);
        other.announce(0, 10);
        run(1_000);
        assertThat(block).as("the first peer has some time").isNotDone();
        runUntil(block, 10_000);
        turn();
        assertThat(silent.blocksAsked).isEqualTo(1);
        assertThat(other.blocksAsked).isEqualTo(1);
        assertThat(silent.cancels).isEqualTo(1);
    }

    @Test
    void nothingIsAskedTwiceWhilePeersAnswer() {
        head(5_000, 50);
        for (int i = 0; i < 4; i++) {
            new Served(200 + 100 * i, 5 + 20 * i).announce(0, 5_000);
        }
        CompletableFuture<Void> all = copy.download(0, 5_000);
        runUntil(all, 60_000);
        assertThat(peers.stream().mapToLong(served -> served.blocksAsked).sum()).isEqualTo(5_000);
        assertComplete();
    }

    @Test
    void eightThrottledPeersAreNearlyEightTimesAsFastAsOne() {
        long one = turnsToFetch(1);
        long eight = turnsToFetch(8);
        assertThat(eight).isLessThan(one / 6);
    }

    private long turnsToFetch(int count) {
        try (LogStore from = LogStore.open(folder.resolve("from" + count));
                LogStore to = LogStore.open(folder.resolve("to" + count))) {
            close();
            peers.clear();
            writing = from;
            reading = to;
            source = from.log("events");
            copy = to.log(source.key());
            head(4_000, 50);
            for (int i = 0; i < count; i++) {
                new Served(100, 20).announce(0, 4_000);
            }
            long begun = millis;
            runUntil(copy.download(0, 4_000), 100_000);
            peers.forEach(served -> served.peer.close());
            peers.clear();
            return millis - begun;
        }
    }

    @Test
    void aSlowPeerDoesNotKeepAFastOneWaiting() {
        head(2_000, 50);
        Served slow = new Served(0.5, 1);
        slow.announce(0, 2_000);
        turn();
        CompletableFuture<Void> all = copy.download(0, 2_000);
        run(20_000);
        Served fast = new Served(1_000, 1);
        fast.announce(0, 2_000);
        // Two seconds for the blocks, and the time after which what the slow peer holds is asked from the fast one.
        runUntil(all, 12_000);
        assertThat(slow.blocksAsked).isLessThan(60);
        assertComplete();
    }

    @Test
    void littleIsOutstandingWithAThrottledPeer() {
        head(3_000, 50);
        Served slow = new Served(50, 10);
        slow.announce(0, 3_000);
        CompletableFuture<Void> all = copy.download(0, 3_000);
        run(20_000);
        slow.most = 0;
        run(5_000);
        assertThat(slow.most).isBetween(2, 40);
        assertThat(all).isNotDone();
    }

    @Test
    void aPeerThatLeavesCostsOnlyItsRequests() {
        head(3_000, 50);
        Served leaving = new Served(300, 10);
        Served staying = new Served(300, 10);
        leaving.announce(0, 3_000);
        staying.announce(0, 3_000);
        CompletableFuture<Void> all = copy.download(0, 3_000);
        run(3_000);
        leaving.takeRequests();
        int lost = leaving.queue.size();
        assertThat(lost).isPositive();
        leaving.peer.channel.close();
        peers.remove(leaving);
        runUntil(all, 20_000);
        assertThat(leaving.blocksAsked + staying.blocksAsked).isEqualTo(3_000 + lost);
        leaving.peer.close();
        assertComplete();
    }

    @Test
    void whatFewPeersHaveComesFirst() {
        head(4_000, 50);
        Served sparse = new Served(100, 10);
        Served full = new Served(100, 10);
        sparse.announce(0, 2_000);
        full.announce(0, 4_000);
        CompletableFuture<Void> all = copy.download(0, 4_000);
        long begun = millis;
        runUntil(all, 60_000);
        // Had the full one begun with what both have, the sparse one would have ended long before it.
        assertThat(millis - begun).isLessThan(23_000);
        assertThat(sparse.answered).isGreaterThan(1_700);
        assertComplete();
    }

    @Test
    void aGetGoesToThePeerThatAnswersSoonest() {
        head(4_000, 50);
        Served far = new Served(1_000, 500);
        Served near = new Served(1_000, 10);
        far.announce(0, 4_000);
        near.announce(0, 4_000);
        runUntil(copy.download(0, 1_000), 60_000);
        long before = far.blocksAsked;
        for (int i = 2_000; i < 2_050; i++) {
            runUntil(copy.getAsync(i), 10_000);
        }
        assertThat(far.blocksAsked).isEqualTo(before);
    }

    @Test
    void aSeekIsAskedElsewhereWhenItsPeerIsSilent() {
        head(4_000, 50);
        Served silent = new Served(100, 1);
        silent.silent = true;
        silent.announce(0, 4_000);
        CompletableFuture<Void> found = reading.source().seek(copy, source.byteLength() / 2, 0);
        turn();
        Served other = new Served(100, 1);
        other.announce(0, 4_000);
        runUntil(found, 10_000);
    }

    // ---- helpers

    /** Gives the source blocks and the copy its head. */
    private void head(int blocks, int size) {
        TestBlocks.append(source, blocks, size);
        copy.apply(
                source.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, source.length()), true)));
    }

    private Proof proof(Request request) {
        return source.prove(request.ask());
    }

    private void turn() {
        millis += TURN;
        for (Served served : List.copyOf(peers)) {
            served.peer.channel.advanceTimeBy(TURN, TimeUnit.MILLISECONDS);
            served.peer.run();
        }
        for (Served served : List.copyOf(peers)) {
            served.takeRequests();
            served.answer();
        }
    }

    private void run(long time) {
        for (long end = millis + time; millis < end; ) {
            turn();
        }
    }

    private void runUntil(CompletableFuture<?> done, long atMost) {
        for (long end = millis + atMost; millis < end && !done.isDone(); ) {
            turn();
        }
        assertThat(done).as("after %d ms", atMost).isCompleted();
    }

    private void assertComplete() {
        assertThat(copy.presentCount()).isEqualTo(source.length());
        TestBlocks.assertSame(copy, source);
    }
}
