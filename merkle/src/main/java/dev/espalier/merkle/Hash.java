package dev.espalier.merkle;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A BLAKE2b-256 value: 32 bytes, compared as bytes, printed as lower case hex.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class Hash {

    /** Length in bytes. */
    public static final int BYTES = 32;

    private final byte[] bytes;

    private Hash(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * A hash from a copy of 32 bytes.
     *
     * @throws IllegalArgumentException when the length differs
     */
    public static Hash of(byte[] bytes) {
        return new Hash(checkLength(bytes).clone());
    }

    /** A hash from 32 bytes of {@code source} at {@code offset}, copied. */
    public static Hash of(byte[] source, int offset) {
        return new Hash(Arrays.copyOfRange(source, offset, offset + BYTES));
    }

    /** A hash that owns {@code bytes}, which nobody changes from now on; 32 of them. For this package only. */
    static Hash owning(byte[] bytes) {
        return new Hash(bytes);
    }

    /** A hash from 64 hex digits of either case. */
    public static Hash fromHex(String hex) {
        return new Hash(checkLength(HexFormat.of().parseHex(hex)));
    }

    /** BLAKE2b-256 over the concatenation of {@code parts}. */
    public static Hash digest(byte[]... parts) {
        return new Hash(Blake2b.hash(parts));
    }

    /** A copy of the 32 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Copies the 32 bytes to {@code target} at {@code offset}. */
    public void copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, BYTES);
    }

    /** The bytes themselves, for this package only: never changed, never handed out. */
    byte[] raw() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Hash that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return (bytes[0] & 0xff) | (bytes[1] & 0xff) << 8 | (bytes[2] & 0xff) << 16 | bytes[3] << 24;
    }

    /** 64 lower case hex digits. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] checkLength(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a hash has 32 bytes, not " + bytes.length);
        }
        return bytes;
    }
}
