package dev.espalier.drive;

import java.util.Arrays;

/**
 * Cuts bytes where their content says so, so that an insertion moves few boundaries: the Rabin fingerprint of
 * rabin-stream, bit for bit (drive specification §4).
 *
 * <pre>
 *             window of 64 bytes
 *                ┌─────────┐
 *   b b b b b b b b b b b b b b b ...     a cut follows a byte when at least MIN bytes came since the last cut
 *                └────┬────┘              and the low 20 bits of the fingerprint are 0, or after MAX bytes
 *                fingerprint mod P, 53 bits
 * </pre>
 *
 * <p><b>Threading:</b> one thread.
 */
final class RabinChunker {

    static final int MIN_BYTES = 524288;
    static final int MAX_BYTES = 8388608;

    private static final long POLYNOMIAL = 0x3DA3358B4DC173L;
    private static final int DEGREE = 53;
    private static final int SHIFT = DEGREE - 8;
    private static final int WINDOW = 64;
    private static final long CUT_MASK = (1L << 20) - 1;

    /** What a byte that leaves the window had added to the fingerprint. */
    private static final long[] OUT = new long[256];

    /** What the top byte of a fingerprint becomes modulo P, with the bits that it clears. */
    private static final long[] MOD = new long[256];

    static {
        for (int b = 0; b < 256; b++) {
            long hash = appended(0, b);
            for (int i = 0; i < WINDOW - 1; i++) {
                hash = appended(hash, 0);
            }
            OUT[b] = hash;
            MOD[b] = modulo((long) b << DEGREE) | (long) b << DEGREE;
        }
    }

    private final byte[] window = new byte[WINDOW];
    private int place;
    private long digest;
    private int count;

    RabinChunker() {
        restart();
    }

    private static long appended(long hash, int b) {
        return modulo(hash << 8 | b);
    }

    /** Remainder of a division of polynomials over GF(2). */
    private static long modulo(long value) {
        long rest = value;
        for (int degree = 63 - Long.numberOfLeadingZeros(rest);
                degree >= DEGREE;
                degree = 63 - Long.numberOfLeadingZeros(rest)) {
            rest ^= POLYNOMIAL << (degree - DEGREE);
        }
        return rest;
    }

    /** Begins a chunk. */
    void restart() {
        Arrays.fill(window, (byte) 0);
        place = 0;
        digest = 0;
        count = 0;
        slide((byte) 1);
    }

    private void slide(byte b) {
        digest ^= OUT[window[place] & 0xff];
        window[place] = b;
        place = (place + 1) & (WINDOW - 1);
        int top = (int) (digest >>> SHIFT) & 0xff;
        digest = (digest << 8 | (b & 0xff)) ^ MOD[top];
    }

    /**
     * Looks at bytes {@code from} to {@code to - 1}, up to the next cut.
     *
     * @return the position after the byte that the cut follows, or -1 when there is none
     */
    int next(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            slide(bytes[i]);
            count++;
            if ((count >= MIN_BYTES && (digest & CUT_MASK) == 0) || count >= MAX_BYTES) {
                restart();
                return i + 1;
            }
        }
        return -1;
    }
}
