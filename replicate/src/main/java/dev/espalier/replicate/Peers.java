package dev.espalier.replicate;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.KeyPair;
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
final class Peers {

    private final ReplicationOptions options;
    private final Set<PeerConnection> connections = ConcurrentHashMap.newKeySet();
    private final @Nullable ReplicationListener listener;
    private final @Nullable EventQueue events;
    private final @Nullable ExecutorService ownExecutor;
    private Traffic ended = Traffic.NONE;

    Peers(ReplicationOptions options) {
        this.options = options;
        this.listener = options.listener();
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

    void ended(PeerConnection connection, @Nullable EspalierException failure) {
        synchronized (this) {
            if (!connections.remove(connection)) {
                return;
            }
            ended = ended.plus(connection.traffic());
        }
        tellOf(connection, info -> listener().peerRemoved(info, failure));
    }

    void listening(InetSocketAddress address) {
        tell(() -> listener().listening(address));
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

    synchronized Traffic traffic() {
        Traffic sum = ended;
        for (PeerConnection connection : connections) {
            sum = sum.plus(connection.traffic());
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
