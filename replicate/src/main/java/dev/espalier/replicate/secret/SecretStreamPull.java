package dev.espalier.replicate.secret;

import java.nio.ByteBuffer;

/**
 * The decrypting direction of a secretstream (replication specification §1.4).
 *
 * <p><b>Threading:</b> one thread.
 */
public final class SecretStreamPull {

    private final SecretStreamState state;

    /** Starts a stream under a 32-byte session key with the 24-byte header of the sender. */
    public SecretStreamPull(byte[] sessionKey, byte[] header) {
        this(new SecretStreamState(sessionKey, header));
    }

    SecretStreamPull(SecretStreamState state) {
        this.state = state;
    }

    /**
     * Checks and decrypts all of {@code message} where it lies; afterwards its position and limit enclose the
     * plaintext.
     *
     * @return the tag, of which the stream itself already took notice
     * @throws SecretStreamException when the message is too short or not authentic; it is unchanged then, and the
     *     stream cannot go on
     */
    public byte decrypt(ByteBuffer message) {
        int length = message.remaining() - SecretStreamState.OVERHEAD;
        if (length < 0) {
            throw new SecretStreamException(
                    SecretStreamException.PROTOCOL,
                    "The peer sent a ciphertext of " + message.remaining() + " bytes, expected at least "
                            + SecretStreamState.OVERHEAD + ".");
        }
        int start = message.position() + 1;
        byte tag = state.decrypt(message, start, length);
        message.limit(start + length).position(start);
        return tag;
    }

    SecretStreamState state() {
        return state;
    }
}
