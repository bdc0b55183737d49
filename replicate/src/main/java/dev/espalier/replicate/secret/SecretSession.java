package dev.espalier.replicate.secret;

import dev.espalier.merkle.Key;

/**
 * Who talks to whom on an encrypted connection; fired through the pipeline as a user event as soon as plaintexts can
 * be written.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class SecretSession {

    private final boolean initiator;
    private final Key publicKey;
    private final Key remotePublicKey;
    private final byte[] handshakeHash;

    /** A session; {@code handshakeHash} (64 bytes) is copied. */
    public SecretSession(boolean initiator, Key publicKey, Key remotePublicKey, byte[] handshakeHash) {
        this.initiator = initiator;
        this.publicKey = publicKey;
        this.remotePublicKey = remotePublicKey;
        this.handshakeHash = handshakeHash.clone();
    }

    /** Whether this side began the handshake; normally the side that connected. */
    public boolean initiator() {
        return initiator;
    }

    /** This side's static public key. */
    public Key publicKey() {
        return publicKey;
    }

    /**
     * The other side's static public key. Proven to be held by it, but made up for each stream by default: it
     * authorises nothing.
     */
    public Key remotePublicKey() {
        return remotePublicKey;
    }

    /** A copy of the 64 bytes that are equal on both sides and unique to the connection; capabilities are keyed by it. */
    public byte[] handshakeHash() {
        return handshakeHash.clone();
    }

    @Override
    public String toString() {
        return "SecretSession[" + (initiator ? "initiator " : "responder ") + publicKey + ", remote " + remotePublicKey
                + "]";
    }
}
