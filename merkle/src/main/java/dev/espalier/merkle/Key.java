package dev.espalier.merkle;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * The public name of a log: 32 bytes, compared as bytes, printed as z-base-32 (log specification §5, §15).
 *
 * <p>A key is the hash of the log's manifest, or, for old logs, the public key of its only signer. Public keys of
 * signers and peers, and discovery keys, have the same shape and use this type, too.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class Key implements Comparable<Key> {

    /** Length in bytes. */
    public static final int BYTES = 32;

    /** Length of the canonical text. */
    public static final int TEXT_LENGTH = 52;

    private static final String SCHEME = "pear://";
    private static final byte[] DISCOVERY = "hypercore".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes;

    /** Whether this is a point of prime order: 0 not known yet, 1 yes, -1 no. Computed again by racing threads. */
    private byte primeOrder;

    private Key(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * A key from a copy of 32 bytes.
     *
     * @throws IllegalArgumentException when the length differs
     */
    public static Key of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a key has 32 bytes, not " + bytes.length);
        }
        return new Key(bytes.clone());
    }

    /**
     * Parses 52 z-base-32 digits or 64 hex digits, alone or after {@code pear://} and before the next {@code /}.
     *
     * @throws EspalierException {@code ERR_INVALID_LINK} when the text names no key
     */
    public static Key parse(String text) {
        String host = text;
        int scheme = text.indexOf("://");
        if (scheme >= 0) {
            if (!text.startsWith(SCHEME)) {
                throw invalid(text, "the only known scheme is pear://");
            }
            int slash = text.indexOf('/', SCHEME.length());
            host = text.substring(SCHEME.length(), slash < 0 ? text.length() : slash);
        }
        if (host.length() == TEXT_LENGTH) {
            try {
                return new Key(ZBase32.decode(host));
            } catch (EncodingException e) {
                throw invalid(text, e.getMessage());
            }
        }
        if (host.length() == 2 * BYTES) {
            try {
                return new Key(HexFormat.of().parseHex(host));
            } catch (IllegalArgumentException e) {
                throw invalid(text, "64 characters, but not all are hex digits");
            }
        }
        throw invalid(text, "expected 52 z-base-32 or 64 hex digits, found " + host.length() + " characters");
    }

    private static EspalierException invalid(String text, String why) {
        String shown = text.length() > 120 ? text.substring(0, 120) + "…" : text;
        return new EspalierException("ERR_INVALID_LINK", "Not a key: \"" + shown + "\" (" + why + ").");
    }

    /** A copy of the 32 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** 64 lower case hex digits. */
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    /** The key under which peers look for this log without learning it: BLAKE2b-256 of {@code hypercore} under it. */
    public Key discoveryKey() {
        return new Key(Blake2b.keyed(bytes, DISCOVERY));
    }

    /** Whether this is the canonical form of a point of prime order, so fit to verify signatures with. */
    boolean isPrimeOrderPoint() {
        if (primeOrder == 0) {
            primeOrder = (byte) (Ed25519.validatePublicKeyFull(bytes, 0) ? 1 : -1);
        }
        return primeOrder > 0;
    }

    /** The bytes themselves, for this package only: never changed, never handed out. */
    byte[] raw() {
        return bytes;
    }

    /** Unsigned comparison of the bytes. */
    @Override
    public int compareTo(Key other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return (bytes[0] & 0xff) | (bytes[1] & 0xff) << 8 | (bytes[2] & 0xff) << 16 | bytes[3] << 24;
    }

    /** The canonical text: 52 z-base-32 digits. */
    @Override
    public String toString() {
        return ZBase32.encode(bytes);
    }
}
