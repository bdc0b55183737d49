package dev.espalier.replicate;

import dev.espalier.log.LogStore;
import dev.espalier.merkle.KeyPair;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How to replicate.
 *
 * @param identity key pair to show to peers; null for a random one that all replications of the store
 *     share as long as there is one
 * @param listener hears events; null for nobody
 * @param executor calls the listener; null for one daemon thread of the replication's own
 * @param reconnect whether {@link Replication#connect} tries again after a failure or the end of a connection
 * @param retryAfter the first wait before trying again; doubled at each failure up to {@code retryAtMost}
 * @param retryAtMost the longest such wait
 * @param maxPeers how many peers {@link Replication#listen} serves at a time; more are turned away
 * @param rules whom to talk to, in which direction, how fast
 * @param transport whether connections are encrypted; the same on both sides
 */
public record ReplicationOptions(
        @Nullable KeyPair identity,
        @Nullable ReplicationListener listener,
        @Nullable Executor executor,
        boolean reconnect,
        Duration retryAfter,
        Duration retryAtMost,
        int maxPeers,
        PeerRules rules,
        Transport transport) {

    /** Random identity, nobody listening, encrypted, reconnecting after 250 ms up to 10 s, 1024 peers, no other rules. */
    public static ReplicationOptions defaults() {
        return new ReplicationOptions(
                null,
                null,
                null,
                true,
                Duration.ofMillis(250),
                Duration.ofSeconds(10),
                1024,
                PeerRules.NONE,
                Transport.ENCRYPTED);
    }

    /** Checks ranges. */
    public ReplicationOptions {
        if (retryAfter.isNegative() || retryAfter.isZero() || retryAtMost.compareTo(retryAfter) < 0) {
            throw new IllegalArgumentException("retry waits out of range: " + retryAfter + ", " + retryAtMost);
        }
        if (maxPeers < 1) {
            throw new IllegalArgumentException("maxPeers must be 1 or more: " + maxPeers);
        }
        if (transport == Transport.TRUSTED && rules.allowed() != null) {
            throw new IllegalArgumentException("identities are not proven on a trusted link: allow everybody");
        }
    }

    /** The same with this identity. */
    public ReplicationOptions withIdentity(KeyPair keyPair) {
        return new ReplicationOptions(
                keyPair, listener, executor, reconnect, retryAfter, retryAtMost, maxPeers, rules, transport);
    }

    /** The same, events going to {@code target} on a daemon thread. */
    public ReplicationOptions withListener(ReplicationListener target) {
        return new ReplicationOptions(
                identity, target, executor, reconnect, retryAfter, retryAtMost, maxPeers, rules, transport);
    }

    /** The same, events being delivered by {@code runner}. */
    public ReplicationOptions withExecutor(Executor runner) {
        return new ReplicationOptions(
                identity, listener, runner, reconnect, retryAfter, retryAtMost, maxPeers, rules, transport);
    }

    /** The same, connecting once only. */
    public ReplicationOptions withoutReconnect() {
        return new ReplicationOptions(
                identity, listener, executor, false, retryAfter, retryAtMost, maxPeers, rules, transport);
    }

    /** The same with these waits between attempts. */
    public ReplicationOptions withRetry(Duration first, Duration atMost) {
        return new ReplicationOptions(identity, listener, executor, true, first, atMost, maxPeers, rules, transport);
    }

    /** The same with this many peers at most. */
    public ReplicationOptions withMaxPeers(int peers) {
        return new ReplicationOptions(
                identity, listener, executor, reconnect, retryAfter, retryAtMost, peers, rules, transport);
    }

    /** The same with these rules. */
    public ReplicationOptions withRules(PeerRules peerRules) {
        return new ReplicationOptions(
                identity, listener, executor, reconnect, retryAfter, retryAtMost, maxPeers, peerRules, transport);
    }

    /** The same over this transport; the other side must use it, too. */
    public ReplicationOptions withTransport(Transport layer) {
        return new ReplicationOptions(
                identity, listener, executor, reconnect, retryAfter, retryAtMost, maxPeers, rules, layer);
    }

    /**
     * The same, with the identity that belongs to {@code store}: the same each time, and for each replication of it.
     * Whoever sees it can tell that this is the same store as before.
     */
    public ReplicationOptions withIdentityOf(LogStore store) {
        return withIdentity(store.keyPair("replication identity"));
    }
}
