package dev.espalier.merkle;

import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * Ed25519 signatures, made from a seed, and verified strictly (log specification §1).
 *
 * <p>What libsodium refuses is refused here: {@code S} not below the group order, a public key or {@code R} that is not
 * canonical or has small order. Bouncy Castle multiplies both sides of the equation by the cofactor, libsodium does not,
 * so a signer could craft signatures that only one of them accepts by adding a point of small order. Demanding that {@code
 * R} and the public key have prime order makes both equations the same.
 *
 * <p><b>Threading:</b> stateless.
 */
public final class Signatures {

    /** Length of a signature in bytes. */
    public static final int BYTES = 64;

    private Signatures() {}

    /**
     * Whether {@code signature} is the signature of {@code message} by {@code publicKey}. Wrong lengths and keys that are no
     * point of the curve are simply not valid.
     */
    public static boolean verify(byte[] signature, byte[] message, Key publicKey) {
        return signature.length == BYTES
                && publicKey.isPrimeOrderPoint()
                && Ed25519.validatePublicKeyFull(signature, 0)
                && Ed25519.verify(signature, 0, publicKey.raw(), 0, message, 0, message.length);
    }

    /**
     * The signature of {@code message} by the key pair of {@code seed} (32 bytes), which is only read: for those who keep
     * their secrets in memory that they wipe. A {@code publicKey} that is not the one of the seed gives away the secret, so
     * compare it with {@link #publicKey} first.
     */
    public static byte[] sign(byte[] seed, Key publicKey, byte[] message) {
        byte[] signature = new byte[BYTES];
        Ed25519.sign(seed, 0, publicKey.raw(), 0, message, 0, message.length, signature, 0);
        return signature;
    }

    /** The public key that belongs to a seed of 32 bytes, which is only read. */
    public static Key publicKey(byte[] seed) {
        byte[] point = new byte[Key.BYTES];
        Ed25519.generatePublicKey(seed, 0, point, 0);
        return Key.of(point);
    }
}
