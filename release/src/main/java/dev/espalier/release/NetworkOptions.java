package dev.espalier.release;

import dev.espalier.replicate.ReplicationOptions;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Which peers an operation talks to, and how long it waits for them.
 *
 * @param listen where to accept connections; port 0 means any free one
 * @param peers whom to connect to, again and again until the operation ends
 * @param timeout how long to wait without any progress before {@code ERR_TIMEOUT}; zero means for ever
 * @param replication identity, limits and rules of each connection; its listener and executor are not used
 */
public record NetworkOptions(
        List<InetSocketAddress> listen,
        List<InetSocketAddress> peers,
        Duration timeout,
        ReplicationOptions replication) {

    /** How long commands wait when nobody says. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    /** Keeps its own copies. */
    public NetworkOptions {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative: " + timeout);
        }
        listen = List.copyOf(listen);
        peers = List.copyOf(peers);
    }

    /** With the default rules. */
    public NetworkOptions(List<InetSocketAddress> listen, List<InetSocketAddress> peers, Duration timeout) {
        this(listen, peers, timeout, ReplicationOptions.defaults());
    }

    /** Nobody: work with what the store holds, and with the peers others already connected it to. */
    public static NetworkOptions none() {
        return new NetworkOptions(List.of(), List.of(), DEFAULT_TIMEOUT);
    }

    /** Connect to these. */
    public static NetworkOptions connect(InetSocketAddress... peers) {
        return new NetworkOptions(List.of(), List.of(peers), DEFAULT_TIMEOUT);
    }

    /** Accept connections here. */
    public static NetworkOptions listen(InetSocketAddress... addresses) {
        return new NetworkOptions(List.of(addresses), List.of(), DEFAULT_TIMEOUT);
    }

    /** The same with this timeout. */
    public NetworkOptions withTimeout(Duration limit) {
        return new NetworkOptions(listen, peers, limit, replication);
    }

    /** The same with this identity, these limits and rules. */
    public NetworkOptions withReplication(ReplicationOptions options) {
        return new NetworkOptions(listen, peers, timeout, options);
    }

    /** Whether any peer is to be expected. */
    public boolean expectsPeers() {
        return !listen.isEmpty() || !peers.isEmpty();
    }
}
