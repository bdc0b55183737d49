package dev.espalier.release;

import dev.espalier.log.BlockSource;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.replicate.BlockTraffic;
import dev.espalier.replicate.PeerInfo;
import dev.espalier.replicate.Replication;
import dev.espalier.replicate.ReplicationListener;
import dev.espalier.replicate.ReplicationOptions;
import dev.espalier.replicate.Traffic;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one operation, and waiting for what they bring.
 *
 * <p>Other operations on the same store may have connections of their own; logs ask the peers of all of them.
 *
 * <p><b>Threading:</b> belongs to the thread of the operation; what replication tells arrives there by mail.
 */
final class Network implements AutoCloseable {

    private final Steps steps;
    private final LogStore store;
    private final NetworkOptions options;
    private final boolean tellUploads;
    private final List<Replication> replications = new ArrayList<>();

    private final Set<InetSocketAddress> settled = new HashSet<>();
    private final Map<InetSocketAddress, String> failures = new HashMap<>();
    private int connected;
    /** A peer that comes and goes is no progress. */
    private int mostConnected;

    private boolean closing;

    private Network(Steps steps, LogStore store, NetworkOptions options, boolean tellUploads) {
        this.steps = steps;
        this.store = store;
        this.options = options;
        this.tellUploads = tellUploads;
    }

    /** Listens and starts to connect. */
    static Network open(Steps steps, LogStore store, NetworkOptions options) {
        return open(steps, store, options, false);
    }

    static Network open(Steps steps, LogStore store, NetworkOptions options, boolean tellUploads) {
        Network network = new Network(steps, store, options, tellUploads);
        try {
            for (InetSocketAddress address : options.listen()) {
                Replication server = Replication.listen(store, address, network.replicationOptions(null));
                network.replications.add(server);
                InetSocketAddress bound = server.address();
                steps.emit(new PeerEvents.Listening(bound.getAddress().getHostAddress(), bound.getPort()));
            }
            for (InetSocketAddress address : options.peers()) {
                network.replications.add(Replication.connect(store, address, network.replicationOptions(address)));
            }
            return network;
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /**
     * Refuses to begin with a log or drive of which nothing is held here and that nobody can be asked for.
     *
     * @throws EspalierException {@code ERR_NOT_FOUND}
     */
    static void requireSomebody(LogStore store, Key key, NetworkOptions options) {
        BlockSource source = store.source();
        if (!store.contains(key) && !options.expectsPeers() && (source == null || !source.canAsk())) {
            throw new EspalierException(
                    "ERR_NOT_FOUND",
                    "This store holds nothing of " + Link.of(key) + "; name a peer with --peer HOST:PORT.");
        }
    }

    /** What went over the connections of this operation. */
    Traffic traffic() {
        Traffic sum = Traffic.NONE;
        for (Replication replication : replications) {
            sum = sum.plus(replication.traffic());
        }
        return sum;
    }

    /** Who is connected to this operation now. */
    List<PeerInfo> peers() {
        return replications.stream().flatMap(r -> r.peers().stream()).toList();
    }

    /** Whether anybody can be asked for blocks, this operation's peers or those of another one on the same store. */
    boolean canAsk() {
        BlockSource source = store.source();
        return source != null && source.canAsk();
    }

    /**
     * Learns the newest head of {@code log}: waits until each peer that was named is connected or failed once, one at
     * least is connected, and those have said what they have. Returns at once when no peer is expected.
     *
     * @param least how many blocks to go on waiting for; 0 for none
     * @throws EspalierException {@code ERR_TIMEOUT} when nobody came or nobody knew so much of the log
     */
    void update(Log log, long least) {
        Stall stall = new Stall(options.timeout());
        while (options.expectsPeers()
                && (connected == 0 || settled.size() < options.peers().size())) {
            if (stall.tooLong(mostConnected)) {
                if (connected > 0) {
                    break;
                }
                throw new EspalierException("ERR_TIMEOUT", "No peer came within " + text(options.timeout()) + why());
            }
            steps.pause(Duration.ofMillis(100));
            steps.checkCancelled();
        }
        do {
            BlockSource source = store.source();
            if (source == null || !source.canAsk()) {
                if (!options.expectsPeers()) {
                    return;
                }
            } else {
                CompletableFuture<Boolean> asked = source.update(log);
                steps.await(asked, () -> stall.tooLong(mostConnected));
            }
            if (log.length() >= least) {
                return;
            }
            steps.pause(Duration.ofMillis(100));
            steps.checkCancelled();
        } while (!stall.tooLong(mostConnected));
        String what = (least > 1 ? least + " blocks of " : "") + Link.of(log.key());
        throw new EspalierException(
                "ERR_TIMEOUT", "No peer knew " + what + " within " + text(options.timeout()) + why());
    }

    /**
     * Waits for blocks; the future is cancelled when nothing came for too long.
     *
     * @param what what is being waited for, to follow "Still missing after 30 s without progress: "
     * @param progress called often, also to be told how far it is
     */
    void await(CompletableFuture<?> blocks, String what, Runnable progress) {
        Stall stall = new Stall(options.timeout());
        boolean done = steps.await(blocks, () -> {
            progress.run();
            return stall.tooLong(traffic().blocks().bytesIn() + mostConnected);
        });
        if (!done) {
            throw new EspalierException(
                    "ERR_TIMEOUT", "Nothing came for " + text(options.timeout()) + "; still missing: " + what + why());
        }
        progress.run();
    }

    /** Ends the connections. What their listeners mailed before is still read; that they go now is not told. */
    @Override
    public void close() {
        steps.drain();
        closing = true;
        for (Replication replication : replications) {
            replication.close();
        }
        replications.clear();
        steps.drain();
    }

    private ReplicationOptions replicationOptions(@Nullable InetSocketAddress named) {
        return options.replication().withListener(new Ear(named)).withExecutor(steps::execute);
    }

    private String why() {
        if (failures.isEmpty()) {
            return options.expectsPeers() ? "." : "; name a peer with --peer HOST:PORT.";
        }
        Map.Entry<InetSocketAddress, String> first =
                failures.entrySet().iterator().next();
        return " (" + address(first.getKey()) + ": " + first.getValue().replaceAll("\\.$", "") + ").";
    }

    private static String text(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }

    static String address(InetSocketAddress address) {
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** Says when a number did not change for too long. */
    private static final class Stall {
        private final long limit;
        private long since = System.nanoTime();
        private long last = Long.MIN_VALUE;

        Stall(Duration timeout) {
            limit = timeout.toNanos();
        }

        boolean tooLong(long progress) {
            long now = System.nanoTime();
            if (progress != last) {
                last = progress;
                since = now;
            }
            return limit > 0 && now - since >= limit;
        }
    }

    /** Hears one replication; runs on the thread of the operation. */
    private final class Ear implements ReplicationListener {

        private final @Nullable InetSocketAddress named;
        private final Map<InetSocketAddress, Long> uploaded = new HashMap<>();

        Ear(@Nullable InetSocketAddress named) {
            this.named = named;
        }

        @Override
        public void peerAdded(PeerInfo peer) {
            connected++;
            mostConnected = Math.max(mostConnected, connected);
            if (named != null) {
                settled.add(named);
                failures.remove(named);
            }
            steps.emit(new PeerEvents.PeerAdd(peer.publicKey(), address(peer.address()), peer.initiator()));
        }

        @Override
        public void peerRemoved(PeerInfo peer, @Nullable EspalierException failure) {
            connected--;
            uploads(peer);
            uploaded.remove(peer.address());
            if (!closing) {
                steps.emit(new PeerEvents.PeerRemove(
                        peer.publicKey(), address(peer.address()), failure == null ? null : failure.getMessage()));
            }
        }

        @Override
        public void peerRefused(PeerInfo peer, EspalierException why) {
            steps.emit(new PeerEvents.PeerRefused(
                    peer.publicKey(), address(peer.address()), why.code(), String.valueOf(why.getMessage())));
        }

        @Override
        public void transferred(PeerInfo peer) {
            uploads(peer);
        }

        @Override
        public void connectFailed(InetSocketAddress address, EspalierException failure, @Nullable Duration retryAfter) {
            if (named != null) {
                settled.add(named);
                if (failures.put(named, String.valueOf(failure.getMessage())) == null) {
                    steps.emit(new PeerEvents.PeerUnreachable(
                            address(address),
                            failure.code(),
                            String.valueOf(failure.getMessage()),
                            retryAfter != null));
                }
            }
        }

        @Override
        public void handshakeFailed(InetSocketAddress address, EspalierException failure) {
            connectFailed(address, failure, Duration.ZERO);
        }

        private void uploads(PeerInfo peer) {
            BlockTraffic blocks = peer.traffic().blocks();
            if (tellUploads && blocks.blocksOut() > uploaded.getOrDefault(peer.address(), 0L)) {
                uploaded.put(peer.address(), blocks.blocksOut());
                steps.emit(new PeerEvents.Upload(peer.publicKey(), blocks.blocksOut(), blocks.bytesOut()));
            }
        }
    }
}
