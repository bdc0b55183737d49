package dev.espalier.replicate;

import dev.espalier.log.Log;
import dev.espalier.log.ProofBatch;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.VerificationException;
import dev.espalier.replicate.LogMessage.Cancel;
import dev.espalier.replicate.LogMessage.Data;
import dev.espalier.replicate.LogMessage.NoData;
import dev.espalier.replicate.LogMessage.Request;
import dev.espalier.replicate.LogMessage.Sync;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one peer for what is wanted of one log, and stores what it answers (replication specification §5.3, §5.4, §5.8,
 * §5.10).
 *
 * <p>As many requests are outstanding as the peer answers in a measured time, see {@link RoundTrips}. What it does not
 * answer in time is asked from others as well, and it is asked less. An answer that leans on another one that has not
 * arrived waits for it, within {@link #MAX_PARKED_BYTES}.
 *
 * <p><b>Threading:</b> the event loop of the connection.
 */
final class Fetcher {

    private static final Logger LOG = LoggerFactory.getLogger(Fetcher.class);

    /** Most bytes of answers that wait for an earlier one. */
    static final int MAX_PARKED_BYTES = 32 << 20;

    /** Most bytes of blocks that are stored together. */
    private static final int MAX_BATCH_BYTES = 1 << 20;

    /** Most answers that are stored together. */
    private static final int MAX_BATCH = 1024;

    /** So many answers without data in a row, of one reason, and nothing more is asked. */
    static final int MAX_REFUSALS = 32;

    /** What a request is about. */
    private enum Kind {
        BLOCK,
        UPGRADE,
        MANIFEST,
        SEEK,
        REORG
    }

    /** A request that is not answered yet. */
    private static final class Pending {
        final long id;
        final Kind kind;
        final ProofRequest ask;
        final long fork;
        /** Length of the log when it was sent. */
        final long length;

        final long sent;
        final long deadline;
        /** Answers that had come when it was sent. */
        final long answersThen;
        /** Not answered by its deadline: others were asked as well. */
        boolean overdue;

        final List<Pending> dependents = new ArrayList<>(1);
        /** Whether {@link #dependents} of another request hold this one. */
        boolean dependent;
        /** What it leans on will not come: its answer is of no use. */
        boolean orphan;

        /** Its answer holds, and waits to be stored with others. */
        boolean verified;

        /** Bytes of the block that was answered; -1 for none. */
        int bytes = -1;

        @Nullable
        Proof parked;

        Seeks.@Nullable Wish seek;

        Pending(long id, Kind kind, ProofRequest ask, long fork, long length, long sent, RoundTrips roundTrips) {
            this.id = id;
            this.kind = kind;
            this.ask = ask;
            this.fork = fork;
            this.length = length;
            this.sent = sent;
            this.deadline = sent + roundTrips.limitNanos();
            this.answersThen = roundTrips.answers();
        }
    }

    private final LogPeer peer;
    private final LogReplication shared;
    private final Log log;
    private final Demand demand;
    private final Long2ObjectHashMap<Pending> pending = new Long2ObjectHashMap<>();
    private final NodePlan plan = new NodePlan();
    private final RoundTrips roundTrips = new RoundTrips();
    /** Number of pending requests of each kind. */
    private final int[] outstanding = new int[Kind.values().length];
    /** Whether a look at the deadlines is scheduled. */
    private boolean watching;

    /** Answers that hold, the requests they answer, and the frames that they lie in. */
    private final ProofBatch batch;

    private final List<Pending> verified = new ArrayList<>();
    private final List<ByteBuf> frames = new ArrayList<>();

    private long lastId;
    private long parkedBytes;
    private boolean paused;
    private boolean exhausted;
    private boolean barren;
    private int notAvailable;
    private int refused;

    Fetcher(LogPeer peer, LogReplication shared) {
        this.peer = peer;
        this.shared = shared;
        this.log = shared.log();
        this.demand = shared.demand();
        this.batch = log.proofs();
    }

    /** Nothing is asked from this peer: it sent something that does not hold, or refuses too much, or is not to be asked. */
    boolean paused() {
        return paused || exhausted || !peer.downloads();
    }

    /** The peer told that it gave blocks up. What it had not got may have been asked for before it could say so. */
    void corrected() {
        notAvailable = 0;
        exhausted = false;
    }

    /** Something changed: there may be more to ask for. */
    void wake() {
        barren = false;
        pump();
    }

    /** Whether this peer can give a newer head than ours, now or after messages that are under way. */
    boolean offersNewer() {
        Sync remote = peer.remote();
        if (paused() || remote == null || !remote.uploading()) {
            return false;
        }
        if (remote.fork() > log.fork()) {
            return shared.reorgs().possible(remote.fork()) && remote.length() > 0;
        }
        return remote.fork() == log.fork() && remote.length() > log.length() && remote.canUpgrade();
    }

    /** Asks for as much as there is to ask and the window takes. */
    void pump() {
        Sync remote = peer.remote();
        if (remote == null || paused() || !remote.uploading()) {
            return;
        }
        if (remote.fork() != log.fork()) {
            askReorg(remote);
            return;
        }
        askHead(remote);
        if (barren) {
            return;
        }
        int window = window();
        askSeeks(blockLimit(remote), window);
        while (pending.size() < window) {
            long index = demand.claim(peer, blockLimit(remote));
            if (index < 0) {
                barren = true;
                break;
            }
            askBlock(index);
        }
        peer.askKnowledge();
    }

    private int window() {
        TreeHead head = log.head();
        return roundTrips.window(head.byteLength() / Math.max(1, head.length()));
    }

    /** Time within which a request that is sent now will be answered, most likely. Any thread. */
    long expectedNanos() {
        return roundTrips.expectedNanos();
    }

    /** Blocks below can be asked for: a shorter peer cannot answer when our tree climbs beyond its own. */
    private long blockLimit(Sync remote) {
        boolean climbable = remote.length() >= log.length() || peer.canUpgradeRemote();
        return climbable ? Math.min(remote.length(), log.length()) : 0;
    }

    private void askHead(Sync remote) {
        boolean wantManifest = log.manifest() == null && remote.hasManifest();
        if (remote.length() == 0) {
            if (wantManifest && !asked(Kind.MANIFEST)) {
                send(Kind.MANIFEST, new ProofRequest(null, null, null, null, true), 0);
            }
            return;
        }
        long length = log.length();
        if (remote.length() <= length || !remote.canUpgrade() || remote.remoteLength() != length) {
            return;
        }
        if (!asked(Kind.UPGRADE) && shared.claimUpgrade(peer)) {
            ProofRequest.Upgrade upgrade = new ProofRequest.Upgrade(length, remote.length() - length);
            send(Kind.UPGRADE, new ProofRequest(null, null, null, upgrade, wantManifest), 0);
        }
    }

    private void askReorg(Sync remote) {
        if (remote.fork() < log.fork() || remote.length() == 0 || asked(Kind.REORG)) {
            return;
        }
        ProofRequest question = shared.reorgs().claim(peer, remote);
        if (question != null) {
            send(Kind.REORG, question, 0);
            shared.reorgClaimed(peer);
        }
    }

    private void askSeeks(long limit, int window) {
        Seeks seeks = shared.seeks();
        while (pending.size() < window) {
            Seeks.Question question = seeks.claim(peer, limit);
            if (question == null) {
                return;
            }
            Pending request = send(Kind.SEEK, question.ask(peer.seeks()), 1);
            request.seek = question.wish();
        }
    }

    private void askBlock(long index) {
        NodePlan.Climb climb = plan.climb(log.nodes(), index);
        ProofRequest ask = new ProofRequest(new ProofRequest.Node(index, climb.nodes()), null, null, null, false);
        Pending request = send(Kind.BLOCK, ask, demand.wantsSingle(index) ? 1 : 0);
        plan.add(request.id, index, climb.nodes());
        Pending bringer = climb.dependsOn() == 0 ? null : pending.get(climb.dependsOn());
        if (bringer != null && !bringer.verified) {
            bringer.dependents.add(request);
            request.dependent = true;
        }
    }

    private Pending send(Kind kind, ProofRequest ask, long priority) {
        Sync remote = peer.remote();
        long fork = remote == null ? log.fork() : remote.fork();
        Pending request = new Pending(++lastId, kind, ask, fork, log.length(), shared.nanos(), roundTrips);
        pending.put(request.id, request);
        outstanding[kind.ordinal()]++;
        peer.send(new Request(request.id, fork, ask, priority));
        watch(request.deadline - request.sent);
        return request;
    }

    private boolean asked(Kind kind) {
        return outstanding[kind.ordinal()] > 0;
    }

    // ---- answers that do not come

    private void watch(long nanos) {
        if (!watching) {
            watching = true;
            peer.schedule(this::checkDeadlines, nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Lets others be asked for what is overdue, and looks again when the next answer is due. */
    private void checkDeadlines() {
        watching = false;
        long now = shared.nanos();
        long next = Long.MAX_VALUE;
        Pending found = null;
        for (Pending request : pending.values()) {
            boolean shareable = request.kind == Kind.BLOCK || request.kind == Kind.SEEK;
            if (!shareable || request.overdue || request.parked != null || request.verified) {
                continue;
            }
            if (request.deadline - now <= 0) {
                request.overdue = true;
                if (request.seek != null) {
                    shared.seeks().overdue(peer, request.seek);
                } else {
                    demand.overdue(peer, blockOf(request));
                }
                found = found == null || request.answersThen > found.answersThen ? request : found;
            } else {
                next = Math.min(next, request.deadline - now);
            }
        }
        if (next != Long.MAX_VALUE) {
            watch(next);
        }
        if (found != null) {
            LOG.debug("{} does not answer in time for log {}: others are asked as well", peer, log.id());
            roundTrips.overdue(found.answersThen);
            shared.wakeOthers(peer);
        }
    }

    // ---- answers

    /** Takes in an answer, whose bytes lie in {@code frame}. Blocks are stored at {@link #readComplete}. */
    void data(Data data, ByteBuf frame) {
        if (data.request() == 0) {
            unasked(data.proof());
            return;
        }
        Pending request = pending.get(data.request());
        if (request == null || request.verified) {
            return; // cancelled; the answer was on its way
        }
        roundTrips.answered(request.sent, request.answersThen, pending.size(), shared.nanos());
        if (request.orphan) {
            drop(request);
        } else if (!matches(request, data.proof())) {
            refused(request, 0);
        } else if (request.dependent) {
            park(request, data.proof());
        } else if (request.kind == Kind.REORG) {
            reorg(request, data.proof());
        } else {
            verify(request, data.proof(), frame);
        }
        if (request.kind != Kind.BLOCK) {
            storeBatch();
            pump();
        }
    }

    /** All that had arrived was taken in. */
    void readComplete() {
        storeBatch();
        if (roundTrips.answers() > 0) {
            peer.measured(roundTrips.smoothedNanos());
        }
        pump();
    }

    /** Takes in that no data comes. */
    void noData(NoData message) {
        Pending request = pending.get(message.request());
        if (request == null) {
            return;
        }
        refused(request, message.reason());
        pump();
    }

    /** The wishes for some blocks were withdrawn, or other peers were faster. */
    void cancel(Set<Long> indexes) {
        List<Pending> cancelled = new ArrayList<>(indexes.size());
        for (Pending request : pending.values()) {
            if (request.kind == Kind.BLOCK && indexes.contains(blockOf(request))) {
                cancelled.add(request);
            }
        }
        for (Pending request : cancelled) {
            if (log.has(blockOf(request))) {
                // With the block came all nodes above it.
                unpark(request);
                finished(request);
                barren = false;
                freeDependents(request);
            } else {
                drop(request);
            }
        }
        cancelled.forEach(request -> peer.send(new Cancel(request.id)));
        if (!cancelled.isEmpty()) {
            pump();
        }
    }

    /** The log was cut or replaced: answers to earlier requests do not fit any more. */
    void truncated() {
        for (Pending request : List.copyOf(pending.values())) {
            if (request.fork != log.fork()) {
                peer.send(new Cancel(request.id));
                drop(request);
            }
        }
    }

    /** The channel is closed; gives back all claims. */
    void close() {
        pending.clear();
        Arrays.fill(outstanding, 0);
        parkedBytes = 0;
        shared.peerGone(peer);
    }

    private static boolean matches(Pending request, Proof proof) {
        ProofRequest ask = request.ask;
        boolean block = proof.block() == null
                || (ask.block() != null && ask.block().index() == proof.block().index());
        boolean hash = proof.hash() == null
                || (ask.hash() != null && ask.hash().index() == proof.hash().index());
        boolean seek = proof.seek() == null
                || (ask.seek() != null && ask.seek().bytes() == proof.seek().bytes());
        boolean upgrade = proof.upgrade() == null || ask.upgrade() != null;
        boolean something = switch (request.kind) {
            case BLOCK -> proof.block() != null;
            case UPGRADE -> proof.upgrade() != null;
            case MANIFEST -> proof.manifest() != null;
            case SEEK -> proof.hash() != null;
            case REORG -> proof.upgrade() != null || proof.hash() != null;
        };
        return block && hash && seek && upgrade && something && proof.fork() == request.fork;
    }

    private void park(Pending request, Proof proof) {
        Proof.Block block = proof.block();
        ByteBuffer value = block == null ? null : block.value();
        if (block == null || value == null || parkedBytes + value.remaining() > MAX_PARKED_BYTES) {
            drop(request);
            return;
        }
        ByteBuffer copy =
                ByteBuffer.allocate(value.remaining()).put(value.duplicate()).flip();
        parkedBytes += copy.remaining();
        request.parked = proof.withValue(copy);
    }

    /** Verifies an answer; {@code frame} is what it lies in, null when it lies in memory of its own. */
    private void verify(Pending request, Proof proof, @Nullable ByteBuf frame) {
        Proof.Block block = proof.block();
        request.bytes =
                block == null || block.value() == null ? -1 : block.value().remaining();
        if (request.bytes >= 0) {
            // Before it is stored: whoever waits for the block shall find it counted.
            peer.counters().received(request.bytes);
        }
        boolean fits = false;
        try {
            fits = batch.add(proof);
        } catch (VerificationException e) {
            invalid(request, e);
            return;
        } finally {
            if (!fits) {
                refuse(request);
            }
        }
        if (!fits) {
            drop(request);
            return;
        }
        request.verified = true;
        verified.add(request);
        if (frame != null) {
            frames.add(frame.retain());
        }
        freeDependents(request);
        if (batch.byteLength() >= MAX_BATCH_BYTES || batch.size() >= MAX_BATCH) {
            storeBatch();
        }
    }

    private void refuse(Pending request) {
        if (request.bytes >= 0) {
            peer.counters().refused(request.bytes);
        }
    }

    /** Stores the answers that hold. */
    void storeBatch() {
        if (verified.isEmpty()) {
            return;
        }
        List<Pending> requests = List.copyOf(verified);
        verified.clear();
        boolean[] held;
        try {
            held = batch.store();
        } catch (EspalierException e) {
            requests.forEach(this::refuse);
            unstorable(requests, e);
            return;
        } finally {
            frames.forEach(ByteBuf::release);
            frames.clear();
        }
        for (int i = 0; i < held.length; i++) {
            Pending request = requests.get(i);
            if (!held[i]) {
                refuse(request);
                drop(request);
                continue;
            }
            notAvailable = 0;
            refused = 0;
            finished(request);
            if (request.kind == Kind.SEEK) {
                shared.seeks().settle();
                barren = false;
            }
        }
    }

    /** The log cannot store any more: no fault of the peer, and no use in asking on. */
    private void unstorable(List<Pending> requests, EspalierException failure) {
        LOG.warn("log {} cannot store what it asked for: {}", log.id(), failure.getMessage());
        paused = true;
        requests.forEach(this::drop);
        shared.failAll(failure);
    }

    private void reorg(Pending request, Proof proof) {
        storeBatch();
        boolean applied;
        try {
            applied = shared.reorgs().answer(proof);
        } catch (VerificationException e) {
            invalid(request, e);
            return;
        } catch (EspalierException e) {
            unstorable(List.of(request), e);
            return;
        }
        if (!applied) {
            refused(request, 0); // Or a peer could answer beside the point for ever.
            return;
        }
        notAvailable = 0;
        refused = 0;
        finished(request);
        freeDependents(request);
    }

    /** The nodes that {@code request} was to bring are known. */
    private void freeDependents(Pending request) {
        for (Pending dependent : request.dependents) {
            dependent.dependent = false;
            Proof parked = dependent.parked;
            if (parked != null && pending.containsKey(dependent.id)) {
                unpark(dependent);
                verify(dependent, parked, null);
            }
        }
    }

    private void refused(Pending request, long reason) {
        Sync remote = peer.remote();
        if (remote != null && remote.fork() != request.fork) {
            // The peer has moved on to another fork since it was asked: that says nothing about what it has.
            drop(request);
            return;
        }
        long block = lacking(request);
        if (reason == NoData.NOT_AVAILABLE && block >= 0) {
            if (!peer.remoteBlocks().has(block)) {
                // It said so itself while the question was under way.
                drop(request);
                return;
            }
            peer.lacks(block, 1);
        }
        if (reason == NoData.NOT_AVAILABLE) {
            exhausted |= ++notAvailable >= MAX_REFUSALS;
        } else {
            paused |= ++refused >= MAX_REFUSALS;
        }
        drop(request);
        shared.wakeOthers(peer);
    }

    private void invalid(Pending request, VerificationException failure) {
        LOG.debug("{} sent what does not hold for log {}: {}", peer, log.id(), failure.getMessage());
        boolean unfit = VerificationException.INVALID_OPERATION.equals(failure.code());
        if (unfit && shared.acceptsPush()) {
            // Published peers that push give upgrades from where they believe us to be.
            refused(request, 0);
            return;
        }
        drop(request);
        if (unfit && request.length != log.length()) {
            return; // The log has grown by others' answers, and this one came too late to fit.
        }
        paused = true;
        Sync remote = peer.remote();
        long length = remote == null ? 0 : Math.min(log.length(), remote.length());
        if (length > 0 && !unfit) {
            ProofRequest same = new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, length), false);
            peer.send(new Request(0, log.fork(), same, 0));
        }
        releaseAll();
    }

    /** Data with request 0: the whole tree of the other side, to be compared with ours, or a block pushed. */
    private void unasked(Proof proof) {
        boolean wholeTree = proof.upgrade() != null && proof.upgrade().start() == 0 && proof.fork() == log.fork();
        if (wholeTree) {
            peer.budget().takeComparison();
            if (shared.conflicts(proof)) {
                return;
            }
        }
        if (wholeTree && paused && shared.sameTree(proof)) {
            paused = false;
            wake();
        }
        if (proof.block() != null && !paused && shared.acceptsPush()) {
            takePushed(proof, proof.block());
        }
    }

    private void takePushed(Proof proof, Proof.Block block) {
        if (log.has(block.index()) || block.value() == null) {
            return;
        }
        int bytes = block.value().remaining();
        try {
            if (log.apply(proof)) {
                peer.counters().received(bytes);
            }
        } catch (VerificationException e) {
            // The peer knew less of our tree than there is, or it lies.
            LOG.debug("{} pushed what does not fit log {}: {}", peer, log.id(), e.getMessage());
            paused |= !VerificationException.INVALID_OPERATION.equals(e.code());
        } catch (EspalierException e) {
            LOG.warn("log {} cannot store what was pushed: {}", log.id(), e.getMessage());
            paused = true;
        }
    }

    /** The request is over and what it claimed is free again, and so is what leaned on it. */
    private void drop(Pending request) {
        finished(request);
        unpark(request);
        if (request.kind == Kind.BLOCK) {
            demand.release(peer, blockOf(request));
            barren = false;
        } else if (request.kind == Kind.SEEK) {
            barren = false;
        }
        for (Pending dependent : request.dependents) {
            if (pending.containsKey(dependent.id)) {
                if (dependent.parked != null) {
                    drop(dependent);
                } else {
                    dependent.orphan = true;
                }
            }
        }
    }

    private void finished(Pending request) {
        if (pending.remove(request.id) == null) {
            return;
        }
        outstanding[request.kind.ordinal()]--;
        if (request.kind == Kind.BLOCK && request.ask.block() != null) {
            plan.remove(request.id, blockOf(request), request.ask.block().nodes());
        } else if (request.seek != null) {
            shared.seeks().release(peer, request.seek);
        } else if (request.kind == Kind.UPGRADE) {
            shared.releaseUpgrade(peer);
        } else if (request.kind == Kind.REORG) {
            shared.releaseReorg(peer);
        }
    }

    private void releaseAll() {
        for (Pending request : List.copyOf(pending.values())) {
            peer.send(new Cancel(request.id));
            finished(request);
            unpark(request);
        }
        shared.peerGone(peer);
    }

    private void unpark(Pending request) {
        Proof parked = request.parked;
        if (parked != null && parked.block() != null && parked.block().value() != null) {
            parkedBytes -= parked.block().value().remaining();
            request.parked = null;
        }
    }

    /** The block without which a request cannot be answered; -1 when it is none in particular. */
    private static long lacking(Pending request) {
        ProofRequest.Node hash = request.ask.hash();
        return request.kind == Kind.BLOCK ? blockOf(request) : hash == null ? -1 : hash.index() / 2;
    }

    private static long blockOf(Pending request) {
        ProofRequest.Node block = request.ask.block();
        return block == null ? -1 : block.index();
    }
}
