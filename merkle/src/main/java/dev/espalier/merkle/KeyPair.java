package dev.espalier.merkle;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * An Ed25519 key pair from a seed of 32 bytes (log specification §5).
 *
 * <p>Neither printed nor logged: {@link #toString} shows the public key only. <b>Threading:</b> immutable.
 */
public final class KeyPair {

    /** Length of a seed and of a public key in bytes. */
    public static final int BYTES = 32;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] seed;
    private final Key publicKey;

    private KeyPair(byte[] seed) {
        this.seed = seed;
        this.publicKey = Signatures.publicKey(seed);
    }

    /**
     * The key pair of a seed, which is copied.
     *
     * @throws IllegalArgumentException when the seed has not 32 bytes
     */
    public static KeyPair fromSeed(byte[] seed) {
        if (seed.length != BYTES) {
            throw new IllegalArgumentException("a seed has 32 bytes, not " + seed.length);
        }
        return new KeyPair(seed.clone());
    }

    /** A fresh key pair from the system's secure random source. */
    public static KeyPair random() {
        byte[] seed = new byte[BYTES];
        RANDOM.nextBytes(seed);
        return new KeyPair(seed);
    }

    /** The public key: a compressed point of 32 bytes. */
    public Key publicKey() {
        return publicKey;
    }

    /** A copy of the 32 bytes from which everything else follows. Secret. */
    public byte[] seed() {
        return seed.clone();
    }

    /** The 64 bytes that libsodium calls the secret key: seed, then public key. Secret. */
    public byte[] secretKey() {
        byte[] secret = Arrays.copyOf(seed, 2 * BYTES);
        System.arraycopy(publicKey.raw(), 0, secret, BYTES, BYTES);
        return secret;
    }

    /** The 64-byte signature of {@code message}; the same every time. */
    public byte[] sign(byte[] message) {
        return Signatures.sign(seed, publicKey, message);
    }

    @Override
    public String toString() {
        return "KeyPair[" + publicKey + "]";
    }
}
