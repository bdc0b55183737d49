package dev.espalier.merkle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes the compact encoding (log specification §1) into a growing array, always in the shortest form.
 *
 * <p><b>Threading:</b> one thread. <b>Byte order:</b> little endian.
 */
public final class CompactWriter {

    private byte[] bytes;
    private int size;

    /** A writer with room for 64 bytes to begin with. */
    public CompactWriter() {
        this(64);
    }

    /** A writer with room for {@code capacity} bytes to begin with. */
    public CompactWriter(int capacity) {
        this.bytes = new byte[Math.max(16, capacity)];
    }

    /** How many bytes {@link #uint} takes for {@code value}. */
    public static int uintLength(long value) {
        return value <= 0xfc ? 1 : value <= 0xffff ? 3 : value <= 0xffffffffL ? 5 : 9;
    }

    /** Bytes written so far. */
    public int size() {
        return size;
    }

    /** Forgets what was written and keeps the room. */
    public CompactWriter clear() {
        size = 0;
        return this;
    }

    /** One byte. */
    public CompactWriter uint8(int value) {
        room(1)[size++] = (byte) value;
        return this;
    }

    /**
     * A {@code uint} from 0 to 2^53-1.
     *
     * @throws IllegalArgumentException out of range
     */
    public CompactWriter uint(long value) {
        if (value < 0 || value > CompactReader.MAX_UINT) {
            throw new IllegalArgumentException("number out of range: " + value);
        }
        if (value <= 0xfc) {
            return uint8((int) value);
        }
        if (value <= 0xffff) {
            return uint8(0xfd).littleEndian(value, 2);
        }
        if (value <= 0xffffffffL) {
            return uint8(0xfe).littleEndian(value, 4);
        }
        return uint8(0xff).littleEndian(value, 8);
    }

    /** Eight bytes, little endian. */
    public CompactWriter u64(long value) {
        return littleEndian(value, 8);
    }

    /** A {@code buffer}: length, then the bytes. */
    public CompactWriter buffer(byte[] value) {
        return uint(value.length).raw(value);
    }

    /** An {@code optionalBuffer}: null is written as length 0. */
    public CompactWriter optionalBuffer(byte @Nullable [] value) {
        return value == null ? uint8(0) : buffer(value);
    }

    /** A {@code string}: length of its UTF-8 form, then that form. */
    public CompactWriter string(String value) {
        return buffer(value.getBytes(StandardCharsets.UTF_8));
    }

    /** A {@code uint32array}: count of words, then the words. */
    public CompactWriter uint32Array(int[] words) {
        uint(words.length);
        for (int word : words) {
            littleEndian(word, Integer.BYTES);
        }
        return this;
    }

    /** 32 bytes, no length. */
    public CompactWriter hash(Hash value) {
        return raw(value.raw());
    }

    /** The bytes alone, no length. */
    public CompactWriter raw(byte[] value) {
        System.arraycopy(value, 0, room(value.length), size, value.length);
        size += value.length;
        return this;
    }

    /** The remaining bytes of {@code value} alone, no length; its position stays. */
    public CompactWriter raw(ByteBuffer value) {
        int length = value.remaining();
        value.get(value.position(), room(length), size, length);
        size += length;
        return this;
    }

    /** A copy of what was written. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** A view of what was written, valid until the next call that changes this writer. */
    public ByteBuffer view() {
        return ByteBuffer.wrap(bytes, 0, size).slice();
    }

    private CompactWriter littleEndian(long value, int count) {
        byte[] target = room(count);
        for (int i = 0; i < count; i++) {
            target[size++] = (byte) (value >>> (8 * i));
        }
        return this;
    }

    private byte[] room(int count) {
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, count), bytes.length * 2));
        }
        return bytes;
    }
}
