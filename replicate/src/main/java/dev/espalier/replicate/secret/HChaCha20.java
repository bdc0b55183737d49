package dev.espalier.replicate.secret;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * HChaCha20: a 32-byte subkey from a key and 16 bytes, used once per direction to widen the nonce (replication
 * specification §1.4).
 *
 * <p><b>Threading:</b> stateless. <b>Byte order:</b> little endian.
 */
final class HChaCha20 {

    private HChaCha20() {}

    /** The subkey of {@code key} (32 bytes) and the 16 bytes of {@code input} from 0. */
    static byte[] subkey(byte[] key, byte[] input) {
        int[] x = new int[16];
        x[0] = 0x61707865;
        x[1] = 0x3320646e;
        x[2] = 0x79622d32;
        x[3] = 0x6b206574;
        ByteBuffer keyWords = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 8; i++) {
            x[4 + i] = keyWords.getInt(4 * i);
        }
        ByteBuffer inputWords = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 4; i++) {
            x[12 + i] = inputWords.getInt(4 * i);
        }
        for (int round = 0; round < 10; round++) {
            quarter(x, 0, 4, 8, 12);
            quarter(x, 1, 5, 9, 13);
            quarter(x, 2, 6, 10, 14);
            quarter(x, 3, 7, 11, 15);
            quarter(x, 0, 5, 10, 15);
            quarter(x, 1, 6, 11, 12);
            quarter(x, 2, 7, 8, 13);
            quarter(x, 3, 4, 9, 14);
        }
        ByteBuffer subkey = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 4; i++) {
            subkey.putInt(4 * i, x[i]);
            subkey.putInt(16 + 4 * i, x[12 + i]);
        }
        return subkey.array();
    }

    private static void quarter(int[] x, int a, int b, int c, int d) {
        x[a] += x[b];
        x[d] = Integer.rotateLeft(x[d] ^ x[a], 16);
        x[c] += x[d];
        x[b] = Integer.rotateLeft(x[b] ^ x[c], 12);
        x[a] += x[b];
        x[d] = Integer.rotateLeft(x[d] ^ x[a], 8);
        x[c] += x[d];
        x[b] = Integer.rotateLeft(x[b] ^ x[c], 7);
    }
}
