package dev.espalier.replicate;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.replicate.mux.Mux;
import dev.espalier.replicate.mux.MuxChannel;
import dev.espalier.replicate.mux.MuxException;
import dev.espalier.replicate.mux.MuxRequest;
import dev.espalier.replicate.secret.SecretSession;
import dev.espalier.replicate.secret.SecretStreamHandler;
import dev.espalier.replicate.secret.SecretStreamOptions;
import dev.espalier.replicate.secret.TrustedLinkHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, and which logs it carries (replication specification §6).
 *
 * <p><b>Threading:</b> the event loop of its channel, except where said otherwise.
 */
@SuppressWarnings("FutureReturnValueIgnored") // timers and tasks of the event loop need no answer
final class PeerConnection implements Mux.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(PeerConnection.class);

    static final String PROTOCOL = "hypercore/alpha";

    /** So many opens for logs that are not here, and the connection ends. */
    static final int MAX_REJECTED = 16_384;

    /** How often a log is opened again after the other side closed it, before that looks like a game. */
    private static final int MAX_REOPENED = 16;

    /** How often at most counts are told. */
    private static final long TELL_COUNTS_MILLIS = 100;

    private final Replicator replicator;
    private final Peers owner;
    private final Channel transport;
    private final InetSocketAddress address;
    private final boolean initiator;
    private final Runnable ready;
    private final PeerBudget budget = new PeerBudget();
    private final WireMeter meter = new WireMeter();
    private final Map<Key, LogCounters> counters = new ConcurrentHashMap<>();
    private final Map<Key, Integer> reopened = new HashMap<>();
    private final AtomicBoolean countsChanged = new AtomicBoolean();
    private final Mux mux = new Mux(this);

    private volatile long roundTripNanos;
    private @Nullable Key remoteKey;
    private int rejected;
    private boolean refused;
    private boolean ended;

    PeerConnection(
            Replicator replicator,
            Peers owner,
            Channel transport,
            InetSocketAddress address,
            boolean initiator,
            Runnable ready) {
        this.ready = ready;
        this.replicator = replicator;
        this.owner = owner;
        this.transport = transport;
        this.address = address;
        this.initiator = initiator;
    }

    /** Puts the layers on top of the channel. */
    void install() {
        transport.pipeline().addLast(meter);
        ThrottleHandler throttle = owner.throttle(mux);
        if (throttle != null) {
            transport.pipeline().addLast(throttle);
        }
        transport.pipeline().addLast(link(replicator.identity(owner.identity())), mux);
    }

    private ChannelHandler link(KeyPair identity) {
        if (owner.transport() == Transport.TRUSTED) {
            return new TrustedLinkHandler(initiator, identity.publicKey());
        }
        SecretStreamOptions options = initiator ? SecretStreamOptions.initiator() : SecretStreamOptions.responder();
        return new SecretStreamHandler(options.keyPair(identity));
    }

    /** The channels of this connection. */
    Mux mux() {
        return mux;
    }

    /** Whether the other side is served. */
    boolean uploads() {
        return owner.rules().uploads();
    }

    /** Whether the other side is asked. */
    boolean downloads() {
        return owner.rules().downloads();
    }

    PeerBudget budget() {
        return budget;
    }

    // ---- for any thread

    Channel transport() {
        return transport;
    }

    /** Runs a task on the event loop; not at all when that has ended. */
    void execute(Runnable task) {
        try {
            transport.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("{} is gone", this);
        }
    }

    void schedule(Runnable task, long delay, TimeUnit unit) {
        transport.eventLoop().schedule(task, delay, unit);
    }

    /** An answer of the other side takes so long, whichever log it was about. On the event loop. */
    void measured(long nanos) {
        roundTripNanos = nanos;
    }

    /** Nanoseconds from a request to its answer, smoothed; 0 when nothing was asked. */
    long roundTripNanos() {
        return roundTripNanos;
    }

    /** Bytes that wait for the other side to read. */
    long queuedBytes() {
        ChannelOutboundBuffer buffer = transport.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /** The counts of a log on this connection. */
    LogCounters counters(Key log) {
        return counters.computeIfAbsent(log, key -> new LogCounters(this::countsChanged));
    }

    Traffic traffic() {
        Map<Key, BlockTraffic> logs = new HashMap<>();
        counters.forEach((key, counts) -> logs.put(key, counts.read()));
        return new Traffic(meter.in(), meter.out(), logs);
    }

    /** Who the peer is; null before the handshake. */
    @Nullable
    Key remoteKey() {
        return remoteKey;
    }

    /** What there is to tell; null before the handshake. */
    @Nullable
    PeerInfo info() {
        Key key = remoteKey;
        return key == null ? null : new PeerInfo(key, address, initiator, traffic());
    }

    // ---- connection events

    @Override
    public void onReady(Mux opened, SecretSession session) {
        remoteKey = session.remotePublicKey();
        if (!owner.rules().allows(session.remotePublicKey())) {
            EspalierException failure = new EspalierException(
                    "ERR_PEER_NOT_ALLOWED",
                    "The peer at " + address + " has the identity " + session.remotePublicKey()
                            + ", which is not allowed.");
            refused = true;
            owner.refused(this, failure);
            throw failure;
        }
        mux.onOpen(PROTOCOL, this::onRequest);
        mux.cork();
        replicator.connected(this);
        owner.ready(this);
        ready.run();
        mux.uncork();
    }

    @Override
    public void onClose(Mux closed) {
        ended = true;
        replicator.disconnected(this);
        EspalierException failure = failure(mux.failure());
        if (remoteKey == null && failure != null) {
            owner.handshakeFailed(address, failure);
        }
        owner.ended(this, !refused, failure);
    }

    private @Nullable EspalierException failure(@Nullable Throwable cause) {
        if (cause == null || cause instanceof EspalierException) {
            return (EspalierException) cause;
        }
        return new EspalierException(
                "ERR_CONNECTION_LOST", "The connection with " + address + " broke: " + cause.getMessage(), cause);
    }

    // ---- logs

    /** Opens a log, if it is not open. */
    void open(LogReplication log) {
        byte[] id = log.log().discoveryKey().bytes();
        if (ended || !log.isOpen() || log.frozen() || mux.isOpen(PROTOCOL, id)) {
            log.openDone(this);
            return;
        }
        LogPeer peer = new LogPeer(log, this);
        mux.open(PROTOCOL, id, handshakeFor(log), peer);
    }

    /** A channel of a log is gone. */
    void closed(LogReplication log, LogPeer peer, MuxChannel.CloseReason reason, boolean mayWantToReopen) {
        log.remove(peer);
        log.openDone(this);
        // The other side may have closed because nobody wanted anything, at the moment when somebody did.
        if (reason == MuxChannel.CloseReason.REMOTE && mayWantToReopen && log.active()) {
            int times = reopened.merge(log.log().key(), 1, Integer::sum);
            if (times <= MAX_REOPENED) {
                log.openOn(this);
            }
        }
    }

    /**
     * Ends the connection of a peer that does not know the log's key.
     *
     * @throws MuxException when the capability is wrong
     */
    void checkCapability(Key log, LogHandshake handshake) {
        SecretSession session = mux.session();
        Hash expected = LogHandshake.capability(log, session.handshakeHash(), !session.initiator());
        if (!handshake.proves(expected)) {
            throw new MuxException("The peer opened a log whose key it does not know.");
        }
    }

    private void onRequest(MuxRequest request) {
        byte[] id = request.id();
        if (id.length != Key.BYTES) {
            throw new MuxException(
                    "The peer opened a log by an id of " + id.length + " bytes, expected " + Key.BYTES + ".");
        }
        LogReplication log = replicator.stored(Key.of(id));
        if (log == null || log.frozen()) {
            if (++rejected > MAX_REJECTED) {
                throw new MuxException("The peer asked for " + rejected + " logs that are not here.");
            }
            request.reject();
            return;
        }
        checkCapability(log.log().key(), LogHandshake.decode(new CompactReader(request.handshake())));
        request.accept(handshakeFor(log), new LogPeer(log, this));
    }

    private byte[] handshakeFor(LogReplication log) {
        SecretSession session = mux.session();
        Hash capability = LogHandshake.capability(log.log().key(), session.handshakeHash(), session.initiator());
        return new LogHandshake(true, capability).encode();
    }

    private void countsChanged() {
        if (countsChanged.compareAndSet(false, true)) {
            schedule(
                    () -> {
                        countsChanged.set(false);
                        if (!ended) {
                            owner.transferred(this);
                        }
                    },
                    TELL_COUNTS_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public String toString() {
        return "peer " + address;
    }
}
