package dev.espalier.replicate;

import dev.espalier.log.BlockSource;
import dev.espalier.log.Blocks;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins the logs of one store with all its connections: the store's {@link BlockSource}.
 *
 * <p>There is one for each store that replicates, shared by its {@link Replication}s; it ends with the last of them.
 *
 * <p><b>Threading:</b> any thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // timers and tasks of the event loop need no answer
final class Replicator implements BlockSource {

    private static final Logger LOG = LoggerFactory.getLogger(Replicator.class);

    private static final int MAX_THREADS = 4;

    private final LogStore store;
    private final LongSupplier clock;
    private final EventLoopGroup group;
    private final Map<Key, LogReplication> logs = new ConcurrentHashMap<>();
    private final Set<PeerConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger ways = new AtomicInteger();

    /** Shown where none was chosen: a store is one peer of another, however often they are connected. */
    private final KeyPair identity = KeyPair.random();

    /** Whoever proves one of these is this store itself. */
    private final Set<Key> ownIdentities = ConcurrentHashMap.newKeySet();

    private final AtomicInteger connecting = new AtomicInteger();
    private @Nullable AutoCloseable opened;
    private int users;
    private volatile boolean closed;

    private Replicator(LogStore store, LongSupplier clock) {
        this.store = store;
        this.clock = clock;
        int threads = Math.max(1, Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors()));
        this.group = new MultiThreadIoEventLoopGroup(
                threads, DaemonThreads.named("espalier-replication"), NioIoHandler.newFactory());
    }

    /** The replicator of a store, made if there is none. Give it back by {@link #release}. */
    static Replicator acquire(LogStore store) {
        return acquire(store, System::nanoTime);
    }

    /** The same; if it is made, requests are timed by this clock, in nanoseconds. */
    static Replicator acquire(LogStore store, LongSupplier clock) {
        synchronized (Replicator.class) {
            if (store.source() instanceof Replicator shared) {
                shared.users++;
                return shared;
            }
            Replicator made = new Replicator(store, clock);
            made.users = 1;
            store.source(made);
            made.opened = store.onOpened(log -> made.replication(log).activate());
            return made;
        }
    }

    /** Ends all, after the last user; its connections must be closed by then. */
    void release() {
        synchronized (Replicator.class) {
            if (--users > 0) {
                return;
            }
            store.source(null);
        }
        closed = true;
        try {
            if (opened != null) {
                opened.close();
            }
        } catch (Exception e) {
            LOG.warn("cannot stop listening to a store", e);
        }
        for (LogReplication log : logs.values()) {
            log.close();
        }
        logs.clear();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** The key pair to show to a peer: {@code chosen}, or that of all connections of the store. */
    KeyPair identity(@Nullable KeyPair chosen) {
        KeyPair shown = chosen == null ? identity : chosen;
        ownIdentities.add(shown.publicKey());
        return shown;
    }

    EventLoopGroup group() {
        return group;
    }

    /** The clock that requests are timed by. */
    long nanos() {
        return clock.getAsLong();
    }

    /** Runs a task later, on some event loop. */
    void schedule(Runnable task, long delayMillis) {
        group.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
    }

    Collection<PeerConnection> connections() {
        return connections;
    }

    // ---- who can be asked

    /** One more way by which peers may come: a listener, or somebody who connects and keeps trying. */
    void wayOpened() {
        ways.incrementAndGet();
    }

    /** A way is closed. */
    void wayClosed() {
        ways.decrementAndGet();
        checkAnybody();
    }

    /** An attempt to connect began; updates wait for it. */
    void connectBegan() {
        connecting.incrementAndGet();
    }

    /** It led to a connection, or was given up. */
    void connectEnded() {
        connecting.decrementAndGet();
        logs.values().forEach(LogReplication::checkUpdates);
    }

    /** Whether a connection is being opened. */
    boolean connecting() {
        return connecting.get() > 0;
    }

    @Override
    public boolean canAsk() {
        if (closed || ways.get() > 0) {
            return !closed;
        }
        for (PeerConnection connection : connections) {
            if (connection.downloads()) {
                return true;
            }
        }
        return false;
    }

    private void checkAnybody() {
        if (!canAsk()) {
            logs.values().forEach(LogReplication::nobodyToAsk);
        }
    }

    // ---- connections

    /** A connection is ready: opens on it what is used here. */
    void connected(PeerConnection connection) {
        connections.add(connection);
        for (LogReplication log : logs.values()) {
            if (log.active()) {
                log.openOn(connection);
            }
        }
    }

    void disconnected(PeerConnection connection) {
        connections.remove(connection);
        checkAnybody();
    }

    // ---- logs

    /** The log with this discovery key if it is in the store; null otherwise. */
    @Nullable
    LogReplication stored(Key discoveryKey) {
        LogReplication known = logs.get(discoveryKey);
        if (known != null && known.isOpen()) {
            return known;
        }
        if (known != null) {
            drop(known);
        }
        return store.storedGuest(discoveryKey)
                .map(log -> adopt(discoveryKey, log))
                .orElse(null);
    }

    private LogReplication replication(Log log) {
        LogReplication known = logs.get(log.discoveryKey());
        return known != null ? known : adopt(log.discoveryKey(), log.guest());
    }

    @Override
    public long remoteContiguousLength(Log log) {
        long fork = log.fork();
        return peersOf(log).stream()
                .filter(peer -> peer.fork() == fork)
                .mapToLong(LogPeerInfo::contiguousLength)
                .max()
                .orElse(0);
    }

    /** What the peers of a log said of it; the store itself is none, even where it is connected to itself. */
    List<LogPeerInfo> peersOf(Log log) {
        LogReplication known = logs.get(log.discoveryKey());
        return known == null
                ? List.of()
                : known.infos().stream()
                        .filter(peer -> !ownIdentities.contains(peer.publicKey()))
                        .toList();
    }

    /** Takes the handle over. */
    private LogReplication adopt(Key discoveryKey, Log handle) {
        LogReplication made = new LogReplication(this, handle);
        LogReplication earlier = logs.putIfAbsent(discoveryKey, made);
        if (earlier == null) {
            return made;
        }
        made.close();
        return earlier;
    }

    /** Lets go of a log that nobody here uses and no peer has open. */
    void dropIfIdle(LogReplication log) {
        if (!log.hasPeers() && !log.active()) {
            drop(log);
        }
    }

    /** Lets go of a log. */
    void drop(LogReplication log) {
        if (logs.remove(log.log().discoveryKey(), log)) {
            log.close();
        }
    }

    // ---- the store's side

    @Override
    public CompletableFuture<Void> block(Log log, long index) {
        return logInUse(log).block(index);
    }

    @Override
    public CompletableFuture<Void> blocks(Log log, Blocks blocks) {
        return logInUse(log).blocks(blocks);
    }

    @Override
    public CompletableFuture<Void> seek(Log log, long position, int padding) {
        return logInUse(log).seek(position, padding);
    }

    @Override
    public CompletableFuture<Boolean> update(Log log) {
        return logInUse(log).update();
    }

    @Override
    public OptionalLong remoteLength(Log log) {
        long fork = log.fork();
        return peersOf(log).stream()
                .filter(peer -> peer.fork() == fork)
                .mapToLong(LogPeerInfo::length)
                .max();
    }

    /** A log of the store that is used here from now on. */
    LogReplication logInUse(Log log) {
        LogReplication replication = replication(log);
        replication.activate();
        return replication;
    }
}
