package dev.espalier.replicate;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.KeyPair;
import dev.espalier.replicate.mux.Mux;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one {@link Replication}, and who is told of them.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Peers implements ReplicationMetrics {

    private final ReplicationOptions options;
    private final Set<PeerConnection> connections = ConcurrentHashMap.newKeySet();
    private final @Nullable ReplicationListener listener;
    private final @Nullable EventQueue events;
    private final @Nullable ExecutorService ownExecutor;
    private final @Nullable Throttle totalUp;
    private final @Nullable Throttle totalDown;
    private Traffic ended = Traffic.NONE;

    Peers(ReplicationOptions options) {
        this.options = options;
        this.listener = options.listener();
        PeerRules.Rate total = options.rules().total();
        totalUp = total.up() > 0 ? new Throttle(total.up()) : null;
        totalDown = total.down() > 0 ? new Throttle(total.down()) : null;
        if (listener == null) {
            ownExecutor = null;
            events = null;
        } else if (options.executor() != null) {
            ownExecutor = null;
            events = new EventQueue(options.executor());
        } else {
            ownExecutor = Executors.newSingleThreadExecutor(DaemonThreads.named("espalier-replication-events"));
            events = new EventQueue(ownExecutor);
        }
    }

    PeerRules rules() {
        return options.rules();
    }

    Transport transport() {
        return options.transport();
    }

    /** What holds a connection to the rates; null when there are none. */
    @Nullable
    ThrottleHandler throttle(Mux mux) {
        PeerRules.Rate own = options.rules().perPeer();
        List<Throttle> up = throttles(totalUp, own.up());
        List<Throttle> down = throttles(totalDown, own.down());
        return up.isEmpty() && down.isEmpty() ? null : new ThrottleHandler(up, down, mux);
    }

    private static List<Throttle> throttles(@Nullable Throttle total, long own) {
        List<Throttle> list = new ArrayList<>(2);
        if (total != null) {
            list.add(total);
        }
        if (own > 0) {
            list.add(new Throttle(own));
        }
        return list;
    }

    @Nullable
    KeyPair identity() {
        return options.identity();
    }

    /** Connections, those in the handshake included. */
    int count() {
        return connections.size();
    }

    void add(PeerConnection connection) {
        connections.add(connection);
    }

    void ready(PeerConnection connection) {
        tellOf(connection, info -> listener().peerAdded(info));
    }

    void transferred(PeerConnection connection) {
        tellOf(connection, info -> listener().transferred(info));
    }

    /** A connection is over; {@code told} is whether anybody was told that it began. */
    void ended(PeerConnection connection, boolean told, @Nullable EspalierException failure) {
        synchronized (this) {
            if (!connections.remove(connection)) {
                return;
            }
            ended = ended.plus(connection.traffic());
        }
        if (told) {
            tellOf(connection, info -> listener().peerRemoved(info, failure));
        }
    }

    void refused(PeerConnection connection, EspalierException why) {
        tellOf(connection, info -> listener().peerRefused(info, why));
    }

    void listening(InetSocketAddress address) {
        tell(() -> listener().listening(address));
    }

    void handshakeFailed(InetSocketAddress address, EspalierException failure) {
        tell(() -> listener().handshakeFailed(address, failure));
    }

    void connectFailed(InetSocketAddress address, EspalierException failure, @Nullable Duration retryAfter) {
        tell(() -> listener().connectFailed(address, failure, retryAfter));
    }

    /** The peers whose handshake is over. */
    List<PeerInfo> list() {
        List<PeerInfo> list = new ArrayList<>();
        for (PeerConnection connection : connections) {
            PeerInfo info = connection.info();
            if (info != null) {
                list.add(info);
            }
        }
        return list;
    }

    @Override
    public synchronized Traffic traffic() {
        Traffic sum = ended;
        for (PeerConnection connection : connections) {
            sum = sum.plus(connection.traffic());
        }
        return sum;
    }

    @Override
    public int peers() {
        return list().size();
    }

    @Override
    public long roundTripNanos() {
        long[] sorted = connections.stream()
                .mapToLong(PeerConnection::roundTripNanos)
                .filter(nanos -> nanos > 0)
                .sorted()
                .toArray();
        return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    }

    @Override
    public long queuedBytes() {
        long sum = 0;
        for (PeerConnection connection : connections) {
            sum += connection.queuedBytes();
        }
        return sum;
    }

    @Override
    public int waitingRequests() {
        int sum = 0;
        for (PeerConnection connection : connections) {
            sum += connection.budget().requests();
        }
        return sum;
    }

    /** Ends all connections; waits for that unless called on an event loop. */
    void close() {
        for (PeerConnection connection : List.copyOf(connections)) {
            var closing = connection.transport().close();
            if (!connection.transport().eventLoop().inEventLoop()) {
                closing.awaitUninterruptibly();
            }
        }
        if (ownExecutor != null) {
            ownExecutor.shutdown();
        }
    }

    private ReplicationListener listener() {
        if (listener == null) {
            throw new IllegalStateException("nobody listens");
        }
        return listener;
    }

    private void tellOf(PeerConnection connection, Consumer<PeerInfo> event) {
        PeerInfo info = events == null ? null : connection.info();
        if (info != null) {
            tell(() -> event.accept(info));
        }
    }

    private void tell(Runnable event) {
        if (events != null) {
            events.add(event);
        }
    }
}
