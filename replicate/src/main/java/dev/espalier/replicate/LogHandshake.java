package dev.espalier.replicate;

import dev.espalier.merkle.Blake2b;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Namespaces;
import java.security.MessageDigest;

/**
 * What a side sends along when it opens a log channel (replication specification §3.1, §3.2).
 *
 * @param seeks whether it understands seek requests
 * @param capability proof that it knows the log's key, bound to this connection
 */
record LogHandshake(boolean seeks, Hash capability) {

    /** The capability that the {@code initiator} (or responder) of the connection makes for a log. */
    static Hash capability(Key log, byte[] handshakeHash, boolean initiator) {
        Hash role = initiator ? Namespaces.REPLICATE_INITIATOR : Namespaces.REPLICATE_RESPONDER;
        byte[] message = new CompactWriter().hash(role).raw(log.bytes()).toByteArray();
        return Hash.of(Blake2b.keyed(handshakeHash, message));
    }

    /** Whether the capability is the one expected. Takes the same time whatever differs. */
    boolean proves(Hash expected) {
        return MessageDigest.isEqual(capability.bytes(), expected.bytes());
    }

    byte[] encode() {
        return new CompactWriter().uint(seeks ? 1 : 0).hash(capability).toByteArray();
    }

    static LogHandshake decode(CompactReader in) {
        return new LogHandshake((in.uint() & 1) != 0, in.hash());
    }
}
