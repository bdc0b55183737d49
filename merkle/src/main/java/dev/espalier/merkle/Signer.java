package dev.espalier.merkle;

/**
 * One of those who may sign a log's head. Encoded in 65 bytes: {@code 00} (Ed25519), namespace, public key.
 *
 * @param namespace keeps the same key pair apart in different logs
 * @param publicKey Ed25519 public key
 */
public record Signer(Hash namespace, Key publicKey) {

    /** Encoded length in bytes. */
    public static final int ENCODED = 65;
}
