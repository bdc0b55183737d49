package dev.espalier.replicate;

import dev.espalier.merkle.EspalierException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hears what becomes of a {@link Replication}.
 *
 * <p><b>Threading:</b> called by the executor given in {@link ReplicationOptions}, one call at a time and in order; a slow
 * listener delays later events and nothing else. What it throws is logged.
 */
public interface ReplicationListener {

    /** Peers can connect to {@code address}; the port is the real one. */
    default void listening(InetSocketAddress address) {}

    /** A connection is open, its handshake over. */
    default void peerAdded(PeerInfo peer) {}

    /** A connection has ended, for {@code failure} or, when null, in order. {@code peer} holds its last counts. */
    default void peerRemoved(PeerInfo peer, @Nullable EspalierException failure) {}

    /** A peer showed an identity that is not allowed; its connection ends, and nothing else is told of it. */
    default void peerRefused(PeerInfo peer, EspalierException why) {}

    /** A connection, made from here or accepted, ended before its handshake was over; nothing else is told of it. */
    default void handshakeFailed(InetSocketAddress address, EspalierException failure) {}

    /** The counts of a peer moved. At most some ten calls a second for each peer, the last one never left out. */
    default void transferred(PeerInfo peer) {}

    /** An attempt to connect failed; the next follows after {@code retryAfter}, or none when it is null. */
    default void connectFailed(InetSocketAddress address, EspalierException failure, @Nullable Duration retryAfter) {}
}
