package dev.espalier.replicate.secret;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc7748.X25519Field;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * Diffie-Hellman on Ed25519 points, as {@code crypto_scalarmult_ed25519_noclamp} of libsodium computes it (replication
 * specification §1.3).
 *
 * <p>Not X25519: both the public key and the result are compressed Edwards points. The foreign point is refused unless
 * it is canonical, on the curve, and of prime order. The multiplication runs the same steps for every scalar.
 *
 * <p><b>Threading:</b> stateless. <b>Byte order:</b> little endian.
 */
final class Ed25519DiffieHellman {

    static final int BYTES = 32;

    /** 1 and the curve constants d and 2d of twisted Edwards form -x² + y² = 1 + d x² y². */
    private static final int[] ONE = one();

    private static final int[] D = constant("a3785913ca4deb75abd841414d0a700098e879777940c78c73fe6f2bee6c0352");
    private static final int[] D2 = constant("59f1b226949bd6eb56b183829a14e00030d1f3eef2808e19e7fcdf56dcd90624");

    private Ed25519DiffieHellman() {}

    /**
     * The point {@code scalar(seed) · publicKey}.
     *
     * @param seed the 32-byte seed of a key pair; its scalar is the clamped first half of SHA-512
     * @param publicKey a foreign compressed point
     * @throws SecretStreamException when the point is not acceptable or the product is the identity
     */
    static byte[] agree(byte[] seed, byte[] publicKey) {
        byte[] scalar = scalar(seed);
        try {
            return multiply(scalar, publicKey);
        } finally {
            Arrays.fill(scalar, (byte) 0);
        }
    }

    /** The clamped scalar of a seed. */
    static byte[] scalar(byte[] seed) {
        byte[] digest;
        try {
            digest = MessageDigest.getInstance("SHA-512").digest(seed);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime lacks SHA-512", e);
        }
        byte[] scalar = Arrays.copyOf(digest, BYTES);
        Arrays.fill(digest, (byte) 0);
        scalar[0] &= (byte) 248;
        scalar[31] &= 127;
        scalar[31] |= 64;
        return scalar;
    }

    private static byte[] multiply(byte[] scalar, byte[] publicKey) {
        if (publicKey.length != BYTES || !Ed25519.validatePublicKeyFull(publicKey, 0)) {
            throw new SecretStreamException(
                    SecretStreamException.HANDSHAKE, "The peer's public key is not a point of the prime-order group.");
        }
        Point base = Point.decode(publicKey);
        Point result = Point.identity();
        Point sum = new Point();
        // Every bit costs one doubling and one addition, whose result is kept or not without a branch.
        for (int bit = 255; bit >= 0; bit--) {
            result.add(result, result);
            sum.add(result, base);
            int mask = -((scalar[bit >>> 3] >>> (bit & 7)) & 1);
            result.assignIf(mask, sum);
        }
        byte[] encoded = result.encode();
        int others = encoded[0] ^ 1;
        for (int i = 1; i < BYTES; i++) {
            others |= encoded[i];
        }
        if (others == 0) {
            throw new SecretStreamException(
                    SecretStreamException.HANDSHAKE, "The key agreement with the peer gave the neutral element.");
        }
        return encoded;
    }

    private static int[] one() {
        int[] element = X25519Field.create();
        X25519Field.one(element);
        return element;
    }

    private static int[] constant(String littleEndianHex) {
        int[] element = X25519Field.create();
        X25519Field.decode255(HexFormat.of().parseHex(littleEndianHex), element);
        return element;
    }

    /** A point in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z. */
    private static final class Point {

        private final int[] x = X25519Field.create();
        private final int[] y = X25519Field.create();
        private final int[] z = X25519Field.create();
        private final int[] t = X25519Field.create();

        // Scratch of add(), whose arguments may be this point.
        private final int[] a = X25519Field.create();
        private final int[] b = X25519Field.create();
        private final int[] c = X25519Field.create();
        private final int[] d = X25519Field.create();
        private final int[] e = X25519Field.create();
        private final int[] f = X25519Field.create();

        static Point identity() {
            Point point = new Point();
            X25519Field.one(point.y);
            X25519Field.one(point.z);
            return point;
        }

        /** Decodes a point that was validated before. */
        static Point decode(byte[] encoded) {
            int sign = (encoded[31] & 0x80) >>> 7;
            Point point = new Point();
            X25519Field.decode255(encoded, point.y);
            int[] u = X25519Field.create();
            int[] v = X25519Field.create();
            X25519Field.sqr(point.y, u);
            X25519Field.mul(u, D, v);
            X25519Field.sub(u, ONE, u);
            X25519Field.carry(u);
            X25519Field.add(v, ONE, v);
            X25519Field.carry(v);
            if (!X25519Field.sqrtRatioVar(u, v, point.x)) {
                throw new IllegalStateException("a validated point is not on the curve");
            }
            X25519Field.normalize(point.x);
            if ((point.x[0] & 1) != sign) {
                X25519Field.negate(point.x, point.x);
                X25519Field.carry(point.x);
            }
            X25519Field.one(point.z);
            X25519Field.mul(point.x, point.y, point.t);
            return point;
        }

        /** This point becomes {@code p + q}: the complete addition of Hisil, Wong, Carter and Dawson for a = -1. */
        void add(Point p, Point q) {
            difference(p.y, p.x, a);
            difference(q.y, q.x, b);
            X25519Field.mul(a, b, a);
            sum(p.y, p.x, b);
            sum(q.y, q.x, c);
            X25519Field.mul(b, c, b);
            X25519Field.mul(p.t, q.t, c);
            X25519Field.mul(c, D2, c);
            X25519Field.mul(p.z, q.z, d);
            sum(d, d, d);
            difference(b, a, e);
            difference(d, c, f);
            sum(d, c, d);
            sum(b, a, b);
            X25519Field.mul(e, f, x);
            X25519Field.mul(d, b, y);
            X25519Field.mul(e, b, t);
            X25519Field.mul(f, d, z);
        }

        /** Takes over {@code other} if {@code mask} is -1, stays if it is 0. */
        void assignIf(int mask, Point other) {
            X25519Field.cmov(mask, other.x, 0, x, 0);
            X25519Field.cmov(mask, other.y, 0, y, 0);
            X25519Field.cmov(mask, other.z, 0, z, 0);
            X25519Field.cmov(mask, other.t, 0, t, 0);
        }

        byte[] encode() {
            int[] inverse = X25519Field.create();
            X25519Field.inv(z, inverse);
            X25519Field.mul(x, inverse, a);
            X25519Field.mul(y, inverse, b);
            X25519Field.normalize(a);
            X25519Field.normalize(b);
            byte[] encoded = new byte[BYTES];
            X25519Field.encode(b, encoded, 0);
            encoded[31] |= (byte) ((a[0] & 1) << 7);
            return encoded;
        }

        private static void sum(int[] left, int[] right, int[] result) {
            X25519Field.add(left, right, result);
            X25519Field.carry(result);
        }

        private static void difference(int[] left, int[] right, int[] result) {
            X25519Field.sub(left, right, result);
            X25519Field.carry(result);
        }
    }
}
