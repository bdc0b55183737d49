package dev.espalier.release.multisig;

import dev.espalier.merkle.Key;

/**
 * Somebody who signs: a key file that was unlocked ({@link SecretKey}), a hardware key, a company's signing service.
 *
 * <p>What is to be signed was checked before; {@link #sign} is called once for each log of a drive, the database first.
 * Whoever wants to look again finds the head in the message: the last 48 of its 112 bytes are tree hash, length and fork
 * (u64, little endian).
 *
 * <p><b>Threading:</b> one thread at a time. Both methods may block, and may throw an {@link
 * dev.espalier.merkle.EspalierException} that says why nothing was signed.
 */
public interface Signer extends AutoCloseable {

    /** The Ed25519 public key under which the signer stands in the configuration. */
    Key publicKey();

    /** The 64 bytes of the Ed25519 signature of {@code message} itself, not of a hash of it. */
    byte[] sign(byte[] message);

    /** Gives up what is held: wipes a secret, ends a session. */
    @Override
    default void close() {}
}
