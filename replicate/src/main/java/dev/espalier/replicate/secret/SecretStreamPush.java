package dev.espalier.replicate.secret;

import java.nio.ByteBuffer;

/**
 * The encrypting direction of a secretstream (replication specification §1.4).
 *
 * <p><b>Threading:</b> one thread.
 */
public final class SecretStreamPush {

    /** Bytes of the header that the receiver needs first. */
    public static final int HEADER_BYTES = SecretStreamState.HEADER_BYTES;

    /** Bytes of a ciphertext beyond its plaintext. */
    public static final int OVERHEAD = SecretStreamState.OVERHEAD;

    /** An ordinary message: the only tag that is ever sent between peers. */
    public static final byte MESSAGE = 0;

    /** A message after which both sides change the key. */
    public static final byte REKEY = 2;

    private final SecretStreamState state;

    /** Starts a stream under a 32-byte session key; {@code header} is 24 random bytes, sent in clear. */
    public SecretStreamPush(byte[] sessionKey, byte[] header) {
        this(new SecretStreamState(sessionKey, header));
    }

    SecretStreamPush(SecretStreamState state) {
        this.state = state;
    }

    /** As the other {@code encrypt}, from one buffer. */
    public void encrypt(byte tag, ByteBuffer plain, ByteBuffer target) {
        encrypt(tag, new ByteBuffer[] {plain}, target);
    }

    /**
     * Encrypts what remains in all of {@code plain}, in one pass from where it lies, into the next {@link #OVERHEAD}
     * more bytes of {@code target}. All positions move to the end. A plaintext may lie in the target itself, at its
     * position + 1.
     *
     * @throws IllegalArgumentException when the target is too small
     */
    public void encrypt(byte tag, ByteBuffer[] plain, ByteBuffer target) {
        int length = 0;
        for (ByteBuffer part : plain) {
            length = Math.addExact(length, part.remaining());
        }
        if (target.remaining() - OVERHEAD < length) {
            throw new IllegalArgumentException("a target of " + target.remaining() + " bytes has no room for " + length
                    + " + " + OVERHEAD + " bytes");
        }
        state.encrypt(tag, plain, length, target);
    }

    SecretStreamState state() {
        return state;
    }
}
