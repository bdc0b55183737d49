package dev.espalier.replicate.secret;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Poly1305 over whole 16-byte blocks of an array or a buffer, in 64-bit limbs.
 *
 * <p>Of its own because neither the JDK nor Bouncy Castle authenticates a direct buffer without copying it into an
 * array first. Runs the same steps for every input of a length.
 *
 * <p><b>Threading:</b> one thread. <b>Byte order:</b> little endian whatever the order of a buffer.
 */
final class Poly1305 {

    static final int BLOCK_BYTES = 16;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle BUFFER_LONGS =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    // The accumulator, below 2^130 + a little; h2 stays small.
    private long h0;
    private long h1;
    private long h2;
    // The clamped multiplier, both below 2^60.
    private long r0;
    private long r1;
    // What is added at the end.
    private long pad0;
    private long pad1;

    /** Starts a message under the 32-byte one-time key at {@code offset}. */
    void start(byte[] key, int offset) {
        r0 = (long) LONGS.get(key, offset) & 0x0ffffffc0fffffffL;
        r1 = (long) LONGS.get(key, offset + 8) & 0x0ffffffc0ffffffcL;
        pad0 = (long) LONGS.get(key, offset + 16);
        pad1 = (long) LONGS.get(key, offset + 24);
        h0 = 0;
        h1 = 0;
        h2 = 0;
    }

    /** Adds {@code blocks} blocks of {@code source} from {@code offset}. */
    void update(byte[] source, int offset, int blocks) {
        for (int i = 0; i < blocks; i++) {
            int at = offset + i * BLOCK_BYTES;
            block((long) LONGS.get(source, at), (long) LONGS.get(source, at + 8), 1);
        }
    }

    /** Adds {@code blocks} blocks of {@code source} from the absolute {@code index}. */
    void update(ByteBuffer source, int index, int blocks) {
        long a0 = h0;
        long a1 = h1;
        long a2 = h2;
        final long m0 = r0;
        final long m1 = r1;
        final long s1 = m1 + (m1 >>> 2); // 5/4 of r1, exact because its low two bits are clear
        for (int i = 0, at = index; i < blocks; i++, at += BLOCK_BYTES) {
            // h += block + 2^128
            long t0 = (long) BUFFER_LONGS.get(source, at);
            long t1 = (long) BUFFER_LONGS.get(source, at + 8);
            long b0 = a0 + t0;
            long c = carry(a0, t0, b0);
            long b1 = a1 + t1;
            long c1 = carry(a1, t1, b1);
            long b1c = b1 + c;
            c1 += carry(b1, c, b1c);
            a2 += c1 + 1;
            // h *= r mod 2^130 - 5
            long lo = b0 * m0;
            long lo2 = b1c * s1;
            long n0 = lo + lo2;
            long up = high(b0, m0) + high(b1c, s1) + carry(lo, lo2, n0);
            lo = b0 * m1;
            lo2 = b1c * m0;
            long mid = lo + lo2;
            long top = high(b0, m1) + high(b1c, m0) + carry(lo, lo2, mid);
            long small = a2 * s1;
            long mid2 = mid + small;
            top += carry(mid, small, mid2);
            long n1 = mid2 + up;
            top += carry(mid2, up, n1);
            long n2 = a2 * m0 + top;
            c = (n2 >>> 2) + (n2 & ~3L);
            a0 = n0 + c;
            c = carry(n0, c, a0);
            a1 = n1 + c;
            a2 = (n2 & 3) + carry(n1, c, a1);
        }
        h0 = a0;
        h1 = a1;
        h2 = a2;
    }

    /** Adds the last {@code length} bytes of a message, from 0, and writes the 16-byte code to {@code code}. */
    void finish(byte[] last, int length, byte[] code) {
        int blocks = length / BLOCK_BYTES;
        update(last, 0, blocks);
        int rest = length % BLOCK_BYTES;
        if (rest > 0) {
            byte[] padded = new byte[BLOCK_BYTES];
            System.arraycopy(last, blocks * BLOCK_BYTES, padded, 0, rest);
            padded[rest] = 1;
            block((long) LONGS.get(padded, 0), (long) LONGS.get(padded, 8), 0);
        }
        // h - p, taken if it is not negative
        long g0 = h0 + 5;
        long c = carry(h0, 5, g0);
        long g1 = h1 + c;
        c = carry(h1, c, g1);
        long g2 = h2 + c;
        long mask = -(g2 >>> 2);
        long f0 = (h0 & ~mask) | (g0 & mask);
        long f1 = (h1 & ~mask) | (g1 & mask);
        long sum = f0 + pad0;
        LONGS.set(code, 0, sum);
        LONGS.set(code, 8, f1 + pad1 + carry(f0, pad0, sum));
    }

    private void block(long t0, long t1, long bit128) {
        long s1 = r1 + (r1 >>> 2);
        long b0 = h0 + t0;
        long c = carry(h0, t0, b0);
        long b1 = h1 + t1;
        long c1 = carry(h1, t1, b1);
        long b1c = b1 + c;
        c1 += carry(b1, c, b1c);
        long b2 = h2 + c1 + bit128;
        long lo = b0 * r0;
        long lo2 = b1c * s1;
        long n0 = lo + lo2;
        long up = high(b0, r0) + high(b1c, s1) + carry(lo, lo2, n0);
        lo = b0 * r1;
        lo2 = b1c * r0;
        long mid = lo + lo2;
        long top = high(b0, r1) + high(b1c, r0) + carry(lo, lo2, mid);
        long small = b2 * s1;
        long mid2 = mid + small;
        top += carry(mid, small, mid2);
        long n1 = mid2 + up;
        top += carry(mid2, up, n1);
        long n2 = b2 * r0 + top;
        c = (n2 >>> 2) + (n2 & ~3L);
        h0 = n0 + c;
        c = carry(n0, c, h0);
        h1 = n1 + c;
        h2 = (n2 & 3) + carry(n1, c, h1);
    }

    /** The carry out of {@code sum = a + b}; without a branch, which random data would mispredict. */
    private static long carry(long a, long b, long sum) {
        return ((a & b) | ((a | b) & ~sum)) >>> 63;
    }

    /** The upper 64 bits of the unsigned {@code a} times the non-negative {@code b}. */
    private static long high(long a, long b) {
        return Math.multiplyHigh(a, b) + ((a >> 63) & b);
    }
}
