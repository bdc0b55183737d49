package dev.espalier.replicate;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;

/**
 * Replicates the logs of a store over TCP, until closed.
 *
 * <pre>{@code
 * try (Replication server = Replication.listen(store, new InetSocketAddress("127.0.0.1", 0));
 *         Replication client = Replication.connect(other, server.address())) {
 *     Log log = other.log(key);
 *     log.update(Duration.ofSeconds(10));
 *     byte[] first = log.get(0);
 * }
 * }</pre>
 *
 * <p>Any number of replications may work for one store; its logs ask all their peers. Nothing here blocks on the
 * network: a failed connection is told to the {@link ReplicationListener} and tried again. Logs are served to whoever
 * proves to know their key, and only logs that are in the store.
 *
 * <p><b>Threading:</b> all methods may be called from any thread. The threads of a replication are daemons and end with
 * the last replication of the store.
 */
public final class Replication implements AutoCloseable {

    private final Replicator replicator;
    private final Peers peers;
    private final Endpoint endpoint;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Replication(Replicator replicator, Peers peers, Endpoint endpoint) {
        this.replicator = replicator;
        this.peers = peers;
        this.endpoint = endpoint;
    }

    /** {@link #listen(LogStore, InetSocketAddress, ReplicationOptions)} with the default options. */
    public static Replication listen(LogStore store, InetSocketAddress address) {
        return listen(store, address, ReplicationOptions.defaults());
    }

    /**
     * Serves peers that connect to {@code address} (port 0 for any free one; see {@link #address}).
     *
     * @throws dev.espalier.merkle.EspalierException {@code ERR_LISTEN_FAILED} when the address cannot be had
     */
    public static Replication listen(LogStore store, InetSocketAddress address, ReplicationOptions options) {
        Replication replication =
                start(store, options, (shared, peers) -> new TcpListener(shared, peers, address, options));
        replication.peers.listening(replication.address());
        return replication;
    }

    /** {@link #connect(LogStore, InetSocketAddress, ReplicationOptions)} with the default options. */
    public static Replication connect(LogStore store, InetSocketAddress address) {
        return connect(store, address, ReplicationOptions.defaults());
    }

    /** Connects to a peer, and again when the connection ends; returns before it is connected. */
    public static Replication connect(LogStore store, InetSocketAddress address, ReplicationOptions options) {
        return start(store, options, (shared, peers) -> new TcpDialer(shared, peers, address, options));
    }

    private static Replication start(
            LogStore store, ReplicationOptions options, BiFunction<Replicator, Peers, Endpoint> endpoint) {
        Replicator replicator = Replicator.acquire(store);
        Peers peers = new Peers(options);
        try {
            return new Replication(replicator, peers, endpoint.apply(replicator, peers));
        } catch (RuntimeException e) {
            peers.close();
            replicator.release();
            throw e;
        }
    }

    /** Where peers can connect, with the real port; for {@link #connect} the address connected to. */
    public InetSocketAddress address() {
        return endpoint.address();
    }

    /**
     * The connections of peers that have {@code log} open now, over all replications of its store, and what they said of it:
     * a peer that is connected twice comes twice, the store itself never. Empty for a log that nobody uses, and for a store
     * that does not replicate.
     */
    public static List<LogPeerInfo> peersOf(LogStore store, Log log) {
        return store.source() instanceof Replicator replicator ? replicator.peersOf(log) : List.of();
    }

    /** The peers connected now. */
    public List<PeerInfo> peers() {
        return peers.list();
    }

    /** What went over all connections of this replication so far, ended ones included. */
    public Traffic traffic() {
        return peers.traffic();
    }

    /**
     * Sends a block unasked to all peers, of whichever replication of the store, that take such blocks, use the log and have
     * not said that they hold this one; a new head along with it where they need that. For few and small logs, where a
     * round trip matters. Returns at once; nothing tells whether it arrived.
     *
     * @throws EspalierException ERR_NOT_FOUND when the block is not held here
     */
    public void push(Log log, long index) {
        if (!log.has(index)) {
            throw new EspalierException(
                    "ERR_NOT_FOUND", "Block " + index + " of log " + log.id() + " is not held here, to be pushed.");
        }
        replicator.logInUse(log).push(index);
    }

    /**
     * Tells peers whether they may send blocks of a log unasked, as long as the log is used here. At first they may not: what
     * a peer sends takes room here, wanted or not, though it is verified like everything.
     */
    public void acceptPush(Log log, boolean accept) {
        replicator.logInUse(log).acceptPush(accept);
    }

    /** Numbers of this replication, as they are at each call of their methods; usable after its end, too. */
    public ReplicationMetrics metrics() {
        return peers;
    }

    /**
     * Ends all connections and waits until its sockets are closed. Pending wishes of logs fail when nobody else can be
     * asked. Must not be called by a {@link ReplicationListener}.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            endpoint.close();
            peers.close();
            replicator.release();
        }
    }
}
