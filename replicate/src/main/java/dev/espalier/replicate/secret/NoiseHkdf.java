package dev.espalier.replicate.secret;

import dev.espalier.merkle.Blake2b;
import java.util.Arrays;

/**
 * HMAC (RFC 2104) and the two-output HKDF of Noise over BLAKE2b-512 (replication specification §1.3).
 *
 * <p>The HMAC block has 128 bytes, the block size of BLAKE2b, not 64.
 *
 * <p><b>Threading:</b> stateless.
 */
final class NoiseHkdf {

    static final int HASH_BYTES = 64;

    private static final int BLOCK_BYTES = 128;
    private static final byte[] FIRST = {1};
    private static final byte[] SECOND = {2};

    private NoiseHkdf() {}

    /** Both outputs, 64 bytes each, of {@code HKDF(chainingKey, input)}. */
    static byte[][] expand(byte[] chainingKey, byte[] input) {
        byte[] extracted = hmac(chainingKey, input);
        byte[] first = hmac(extracted, FIRST);
        byte[] second = hmac(extracted, first, SECOND);
        Arrays.fill(extracted, (byte) 0);
        return new byte[][] {first, second};
    }

    /** {@code HMAC-BLAKE2b-512} of the concatenated parts; {@code key} has at most 128 bytes. */
    static byte[] hmac(byte[] key, byte[]... parts) {
        if (key.length > BLOCK_BYTES) {
            throw new IllegalArgumentException("HMAC key of " + key.length + " bytes, expected at most " + BLOCK_BYTES);
        }
        byte[] pad = padded(key, 0x36);
        byte[] inner = new Blake2b(HASH_BYTES).update(pad).update(parts).digest();
        Arrays.fill(pad, (byte) 0);
        pad = padded(key, 0x5c);
        byte[] outer = new Blake2b(HASH_BYTES).update(pad, inner).digest();
        Arrays.fill(pad, (byte) 0);
        return outer;
    }

    private static byte[] padded(byte[] key, int filler) {
        byte[] pad = Arrays.copyOf(key, BLOCK_BYTES);
        for (int i = 0; i < BLOCK_BYTES; i++) {
            pad[i] ^= (byte) filler;
        }
        return pad;
    }
}
