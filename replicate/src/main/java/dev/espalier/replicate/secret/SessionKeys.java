package dev.espalier.replicate.secret;

/**
 * What a finished Noise handshake leaves behind: all a secret stream needs to start at its header (replication
 * specification §1.2, frame 4).
 *
 * <p>Holds secrets; {@link #toString} shows public values only. Arrays are copied in and out.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class SessionKeys {

    private static final int HASH_BYTES = 64;
    private static final int KEY_BYTES = 32;

    private final SecretSession session;
    private final byte[] sendKey;
    private final byte[] receiveKey;

    /**
     * The keys of a session.
     *
     * @param session who talks to whom, with the handshake hash
     * @param sendKey 32 bytes
     * @param receiveKey 32 bytes
     * @throws IllegalArgumentException when a length differs
     */
    public SessionKeys(SecretSession session, byte[] sendKey, byte[] receiveKey) {
        int hashBytes = session.handshakeHash().length;
        if (hashBytes != HASH_BYTES || sendKey.length != KEY_BYTES || receiveKey.length != KEY_BYTES) {
            throw new IllegalArgumentException("expected 64, 32 and 32 bytes, found " + hashBytes + ", "
                    + sendKey.length + " and " + receiveKey.length);
        }
        this.session = session;
        this.sendKey = sendKey.clone();
        this.receiveKey = receiveKey.clone();
    }

    /** Who talks to whom. */
    public SecretSession session() {
        return session;
    }

    /** A copy of the key for what this side sends. Secret. */
    public byte[] sendKey() {
        return sendKey.clone();
    }

    /** A copy of the key for what this side receives. Secret. */
    public byte[] receiveKey() {
        return receiveKey.clone();
    }

    @Override
    public String toString() {
        return "SessionKeys[" + session + "]";
    }
}
