package dev.espalier.release.multisig;

import dev.espalier.merkle.Key;
import dev.espalier.merkle.Signatures;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * A secret key in memory, until it is closed.
 *
 * <p>Neither printed nor logged. <b>Threading:</b> one thread at a time.
 */
public final class SecretKey implements Signer {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] seed;
    private final Key publicKey;
    private boolean closed;

    private SecretKey(byte[] seed) {
        this.seed = seed;
        this.publicKey = Signatures.publicKey(seed);
    }

    /** A new one from the system's secure random source. */
    public static SecretKey random() {
        byte[] seed = new byte[Key.BYTES];
        RANDOM.nextBytes(seed);
        return new SecretKey(seed);
    }

    /** The one that follows from a seed of 32 bytes, which is copied and stays the caller's to wipe. */
    public static SecretKey ofSeed(byte[] seed) {
        if (seed.length != Key.BYTES) {
            throw new IllegalArgumentException("a seed has 32 bytes, not " + seed.length);
        }
        return new SecretKey(seed.clone());
    }

    @Override
    public Key publicKey() {
        return publicKey;
    }

    @Override
    public byte[] sign(byte[] message) {
        checkOpen();
        return Signatures.sign(seed, publicKey, message);
    }

    /** Copies the 64 bytes that libsodium calls the secret key to {@code target}: seed, then public key. */
    void copyTo(byte[] target, int offset) {
        checkOpen();
        System.arraycopy(seed, 0, target, offset, seed.length);
        System.arraycopy(publicKey.bytes(), 0, target, offset + seed.length, Key.BYTES);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this secret key was wiped");
        }
    }

    /** Wipes the secret. */
    @Override
    public void close() {
        closed = true;
        Arrays.fill(seed, (byte) 0);
    }

    @Override
    public String toString() {
        return "SecretKey[" + publicKey + "]";
    }
}
