package dev.espalier.replicate;

import dev.espalier.log.Blocks;
import dev.espalier.log.Log;
import dev.espalier.log.LogListener;
import dev.espalier.merkle.Conflict;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.NodeSource;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofVerifier;
import dev.espalier.merkle.TreeHead;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One log in replication: what is wanted of it, and the peers that have it.
 *
 * <p>Active while somebody here uses the log: then it is opened on every connection. Otherwise it is only served to
 * peers that ask for it.
 *
 * <p><b>Threading:</b> any thread.
 */
final class LogReplication implements LogListener {

    private static final Logger LOG = LoggerFactory.getLogger(LogReplication.class);

    /** A peer that was asked for a newer head and has not answered for this long no longer keeps others from it. */
    private static final long PATIENCE_MILLIS = 3_000;

    /** How long a log that is not used any more counts as used. */
    private static final long LINGER_MILLIS = 20_000;

    private static final NodeSource NOTHING = index -> null;

    private final Replicator replicator;
    private final Log log;
    private final AutoCloseable listening;
    private final Demand demand;
    private final Reorgs reorgs;
    private final Seeks seeks;
    private final UpdateWishes updates;
    private final List<LogPeer> peers = new CopyOnWriteArrayList<>();
    private final Set<PeerConnection> opening = ConcurrentHashMap.newKeySet();
    private volatile boolean active;
    private volatile boolean acceptsPush;
    private volatile boolean closed;

    /** Counts the times that the log went out of use. */
    private long unusedTimes;

    /** Which of those times it is; 0 while the log is used. */
    private long unusedTime;

    private @Nullable LogPeer upgrading;

    /** Takes the handle over. */
    LogReplication(Replicator replicator, Log log) {
        this.replicator = replicator;
        this.log = log;
        this.demand = new Demand(log, replicator::nanos);
        this.reorgs = new Reorgs(log);
        this.seeks = new Seeks(log);
        this.updates = new UpdateWishes(log);
        this.listening = log.listen(this);
    }

    Log log() {
        return log;
    }

    Demand demand() {
        return demand;
    }

    /** The clock that requests are timed by, in nanoseconds. */
    long nanos() {
        return replicator.nanos();
    }

    Reorgs reorgs() {
        return reorgs;
    }

    Seeks seeks() {
        return seeks;
    }

    /** Whether the log has not been closed, with its store maybe. */
    boolean isOpen() {
        try {
            log.head();
            return !closed;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** Whether somebody here uses the log. */
    boolean active() {
        return active;
    }

    /** Whether peers are told that we may want something. */
    boolean downloading() {
        return active;
    }

    /** Somebody here uses the log from now on; opens it on all connections. */
    void activate() {
        boolean first;
        synchronized (this) {
            unusedTime = 0;
            first = !active && !closed;
            active = true;
        }
        if (first) {
            peersChanged();
            for (PeerConnection connection : replicator.connections()) {
                openOn(connection);
            }
        }
    }

    /** Opens the log on a connection, if it is not open there. */
    void openOn(PeerConnection connection) {
        opening.add(connection);
        connection.execute(() -> connection.open(this));
    }

    /** The connection has opened the log, or will not. */
    void openDone(PeerConnection connection) {
        opening.remove(connection);
        checkUpdates();
    }

    // ---- wishes

    CompletableFuture<Void> block(long index) {
        LogPeer nearest = nearest(index);
        CompletableFuture<Void> future = demand.block(index, nearest);
        demandChanged(future, () -> wakeFirst(nearest, index));
        return future;
    }

    CompletableFuture<Void> blocks(Blocks blocks) {
        CompletableFuture<Void> future = demand.blocks(blocks);
        demandChanged(future, this::peersChanged);
        return future;
    }

    CompletableFuture<Void> seek(long position, int padding) {
        CompletableFuture<Void> future = seeks.add(position, padding);
        demandChanged(future, this::peersChanged);
        return future;
    }

    CompletableFuture<Boolean> update() {
        CompletableFuture<Boolean> future = updates.add();
        if (replicator.canAsk()) {
            checkUpdates();
        } else {
            updates.completeAll();
        }
        return future;
    }

    /** Sends a block to the peers that take it. */
    void push(long index) {
        for (LogPeer peer : peers) {
            peer.push(index);
        }
    }

    /** Peers may send what was not asked for, or not. */
    void acceptPush(boolean accept) {
        acceptsPush = accept;
        peersChanged();
    }

    /** Whether peers may send what was not asked for. */
    boolean acceptsPush() {
        return acceptsPush && active;
    }

    private void demandChanged(CompletableFuture<Void> future, Runnable wake) {
        if (!future.isDone()) {
            if (replicator.canAsk()) {
                wake.run();
            } else {
                nobodyToAsk();
            }
        }
    }

    /** The peer that will send a block soonest, if there are several; null otherwise. */
    private @Nullable LogPeer nearest(long index) {
        LogPeer nearest = null;
        if (peers.size() > 1) {
            for (LogPeer peer : peers) {
                if (peer.remoteBlocks().has(index)
                        && (nearest == null || peer.expectedNanos() < nearest.expectedNanos())) {
                    nearest = peer;
                }
            }
        }
        return nearest;
    }

    /** Lets one peer claim a block, and all others if that does not. */
    private void wakeFirst(@Nullable LogPeer nearest, long index) {
        if (nearest == null) {
            peersChanged();
            return;
        }
        nearest.changed();
        nearest.execute(() -> {
            if (demand.open(index)) {
                wakeOthers(nearest);
            }
        });
    }

    /** There is no peer and none will come: all wishes fail. */
    void nobodyToAsk() {
        failAll(new EspalierException(
                "ERR_NOT_FOUND", "Log " + log.id() + " lacks blocks here, and there is no peer to ask for them."));
    }

    /** Nothing that is wanted can be had any more. */
    void failAll(EspalierException failure) {
        demand.failAll(failure);
        seeks.failAll(failure);
        updates.completeAll();
    }

    /** Completes the waiting updates when every peer has said what it has and nothing newer is to be had. */
    void checkUpdates() {
        updates.check(() -> {
            if (replicator.connecting() || !opening.isEmpty()) {
                return false;
            }
            for (LogPeer peer : peers) {
                if (!peer.settled()) {
                    return false;
                }
            }
            return true;
        });
    }

    // ---- peers

    void add(LogPeer peer) {
        peers.add(peer);
    }

    /** The peer is gone or was given up: others take over. */
    void peerGone(LogPeer peer) {
        releaseUpgrade(peer);
        releaseReorg(peer);
        if (demand.releaseAll(peer) | seeks.releaseAll(peer)) {
            wakeOthers(peer);
        }
    }

    void remove(LogPeer peer) {
        if (peers.remove(peer)) {
            checkUpdates();
            if (peers.isEmpty() && !active) {
                replicator.dropIfIdle(this);
            }
        }
    }

    /** What each peer said of the log. */
    List<LogPeerInfo> infos() {
        return peers.stream().map(LogPeer::info).filter(Objects::nonNull).toList();
    }

    boolean hasPeers() {
        return !peers.isEmpty();
    }

    /** Others may ask for what {@code peer} did not give. */
    void wakeOthers(LogPeer peer) {
        for (LogPeer other : peers) {
            if (other != peer) {
                other.changed();
            }
        }
    }

    /** Whether {@code peer} may ask for a newer head: one peer does at a time. */
    synchronized boolean claimUpgrade(LogPeer peer) {
        if (upgrading != null) {
            return false;
        }
        upgrading = peer;
        if (peers.size() > 1) {
            peer.schedule(() -> releaseUpgrade(peer), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
        return true;
    }

    void releaseUpgrade(LogPeer peer) {
        synchronized (this) {
            if (upgrading != peer) {
                return;
            }
            upgrading = null;
        }
        wakeOthers(peer);
    }

    /** {@code peer} was asked for a tree of a higher fork, others are not until it has answered. */
    void reorgClaimed(LogPeer peer) {
        if (peers.size() > 1) {
            peer.schedule(() -> releaseReorg(peer), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    void releaseReorg(LogPeer peer) {
        if (reorgs.release(peer)) {
            wakeOthers(peer);
        }
    }

    /** Whether a proof from an empty tree leads to the tree that is here. */
    boolean sameTree(Proof proof) {
        try {
            TreeHead empty = TreeHead.of(proof.fork(), List.of(), null);
            ProofVerifier.Verified verified =
                    new ProofVerifier(log.key(), log.manifest()).verify(NOTHING, empty, proof);
            TreeHead head = verified == null ? null : verified.head();
            return head != null
                    && head.length() <= log.length()
                    && head.treeHash().equals(log.treeHash(head.length()));
        } catch (EspalierException e) {
            LOG.debug("the proof of a peer does not hold for log {}: {}", log.id(), e.getMessage());
            return false;
        }
    }

    /** Whether a proof from an empty tree shows that the log was signed twice; it is frozen then. */
    boolean conflicts(Proof proof) {
        try {
            return log.freezeOnConflict(proof);
        } catch (EspalierException e) {
            LOG.debug("the proof of a peer cannot be compared for log {}: {}", log.id(), e.getMessage());
            return false;
        }
    }

    /** Whether nobody is to be served, or asked, any more. */
    boolean frozen() {
        return log.conflict().isPresent();
    }

    // ---- from the log

    @Override
    public void conflict(Log changed, Conflict conflict) {
        LOG.warn(
                "log {} was signed twice at fork {} and length {}; it is frozen",
                log.id(),
                conflict.fork(),
                conflict.length());
        failAll(new EspalierException("ERR_CONFLICT", "Log " + log.id() + " is frozen: it was signed twice."));
        for (LogPeer peer : peers) {
            peer.execute(() -> peer.accuse(conflict));
        }
    }

    @Override
    public void headChanged(Log changed) {
        seeks.settle();
        peersChanged();
    }

    @Override
    public void blocksStored(Log changed, long start, long count) {
        demand.stored(start, count);
        seeks.settle();
        for (LogPeer peer : peers) {
            peer.blocksChanged(false, start, count);
        }
    }

    @Override
    public void truncated(Log changed, long length, long fork) {
        demand.truncated(length);
        seeks.settle();
        for (LogPeer peer : peers) {
            peer.truncated(length);
        }
    }

    @Override
    public void blocksCleared(Log changed, long start, long count) {
        for (LogPeer peer : peers) {
            peer.blocksChanged(true, start, count);
        }
    }

    @Override
    public void unused(Log changed) {
        long time;
        synchronized (this) {
            time = ++unusedTimes;
            unusedTime = time;
        }
        if (peers.isEmpty()) {
            deactivate(time);
        } else {
            // Where nobody downloads peers close the channel at once; handles that come and go should not make them.
            replicator.schedule(() -> deactivate(time), LINGER_MILLIS);
        }
    }

    @Override
    public void closed(Log changed) {
        replicator.drop(this);
    }

    private void deactivate(long time) {
        // The news that one handle was closed may come after the next one was opened.
        if (closed || log.used()) {
            return;
        }
        synchronized (this) {
            if (unusedTime != time) {
                return;
            }
            active = false;
        }
        peersChanged();
        replicator.dropIfIdle(this);
    }

    private void peersChanged() {
        for (LogPeer peer : peers) {
            peer.changed();
        }
    }

    /** Stops listening, closes its channels and gives the handle back. */
    void close() {
        closed = true;
        for (LogPeer peer : peers) {
            peer.execute(peer::close);
        }
        nobodyToAsk();
        try {
            listening.close();
        } catch (Exception e) {
            LOG.warn("cannot stop listening to log {}", log.id(), e);
        }
        log.close();
    }
}
