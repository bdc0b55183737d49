package dev.espalier.replicate;

import dev.espalier.merkle.Key;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a replication talks to, in which direction, and how fast.
 *
 * @param uploads whether peers are served
 * @param downloads whether peers are asked
 * @param allowed the identities of peers that may stay connected; null for all
 * @param total how fast all connections of the replication together may be
 * @param perPeer how fast each connection may be
 */
public record PeerRules(
        boolean uploads, boolean downloads, @Nullable Set<Key> allowed, Rate total, Rate perPeer) {

    /**
     * Bytes a second, framing and encryption included; 0 for as fast as it goes.
     *
     * @param up sent
     * @param down received
     */
    public record Rate(long up, long down) {

        /** As fast as it goes. */
        public static final Rate UNLIMITED = new Rate(0, 0);

        /** Checks ranges. */
        public Rate {
            if (up < 0 || down < 0) {
                throw new IllegalArgumentException("a rate must be 0 or more: " + up + ", " + down);
            }
        }
    }

    /** Everybody, both ways, as fast as it goes. */
    public static final PeerRules NONE = new PeerRules(true, true, null, Rate.UNLIMITED, Rate.UNLIMITED);

    /** Keeps its own copy of the set. */
    public PeerRules {
        if (!uploads && !downloads) {
            throw new IllegalArgumentException("neither uploads nor downloads");
        }
        allowed = allowed == null ? null : Set.copyOf(allowed);
    }

    /** The same, but nobody is asked for anything: what is here is served. */
    public PeerRules uploadOnly() {
        return new PeerRules(true, false, allowed, total, perPeer);
    }

    /** The same, but nobody is served: what is wanted is fetched. */
    public PeerRules downloadOnly() {
        return new PeerRules(false, true, allowed, total, perPeer);
    }

    /** The same for these peers only. They must show an identity of their own, which peers do not by default. */
    public PeerRules allowing(Set<Key> peers) {
        return new PeerRules(uploads, downloads, peers, total, perPeer);
    }

    /** The same with this rate for all connections together. */
    public PeerRules withTotal(Rate rate) {
        return new PeerRules(uploads, downloads, allowed, rate, perPeer);
    }

    /** The same with this rate for each connection. */
    public PeerRules withPerPeer(Rate rate) {
        return new PeerRules(uploads, downloads, allowed, total, rate);
    }

    boolean allows(Key peer) {
        return allowed == null || allowed.contains(peer);
    }
}
