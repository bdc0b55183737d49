package dev.espalier.merkle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the compact encoding (log specification §1) from a buffer.
 *
 * <p>Input is hostile: reading past the end, a number above 2^53-1 or a count above {@link #MAX_ARRAY} throws {@link
 * EncodingException}, and nothing is allocated before the bytes for it were seen to exist. Longer-than-needed
 * numbers are accepted, bytes left over are not looked at.
 *
 * <p><b>Threading:</b> one thread. <b>Byte order:</b> little endian whatever the order of the wrapped buffer.
 */
public final class CompactReader {

    /** Largest count of an array. */
    public static final int MAX_ARRAY = 0x100000;

    /** Largest number: 2^53-1, what a JavaScript number holds exactly. */
    public static final long MAX_UINT = (1L << 53) - 1;

    private final ByteBuffer buffer;

    /** Reads the remaining bytes of {@code source} through a view; the source's own position stays. */
    public CompactReader(ByteBuffer source) {
        this.buffer = source.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads {@code source} from its first byte. */
    public CompactReader(byte[] source) {
        this(ByteBuffer.wrap(source));
    }

    /** Bytes read so far. */
    public int position() {
        return buffer.position();
    }

    /** Bytes left. */
    public int remaining() {
        return buffer.remaining();
    }

    /** One byte as 0 to 255. */
    public int uint8() {
        need(1, "byte");
        return buffer.get() & 0xff;
    }

    /** A {@code uint}: 0 to {@link #MAX_UINT}. */
    public long uint() {
        int first = uint8();
        return switch (first) {
            case 0xfd -> {
                need(2, "uint");
                yield buffer.getShort() & 0xffffL;
            }
            case 0xfe -> {
                need(4, "uint");
                yield buffer.getInt() & 0xffffffffL;
            }
            case 0xff -> {
                need(8, "uint");
                long value = buffer.getLong();
                if (value < 0 || value > MAX_UINT) {
                    throw new EncodingException("offset " + (position() - 8) + ": number above 2^53-1, found "
                            + Long.toUnsignedString(value));
                }
                yield value;
            }
            default -> first;
        };
    }

    /** A {@code uint} that must fit an {@code int} of at most {@code max}. */
    public int uint(String what, int max) {
        long value = uint();
        if (value > max) {
            throw new EncodingException(
                    "offset " + position() + ": " + what + " is " + value + ", expected at most " + max);
        }
        return (int) value;
    }

    /** Eight bytes, little endian; values with the top bit set are refused. */
    public long u64() {
        need(8, "u64");
        long value = buffer.getLong();
        if (value < 0) {
            throw new EncodingException("offset " + (position() - 8) + ": 64-bit number out of range");
        }
        return value;
    }

    /** A {@code buffer}: a view of its bytes, valid as long as the source's memory is. */
    public ByteBuffer bufferView() {
        long length = uint();
        if (length > buffer.remaining()) {
            throw new EncodingException(
                    "offset " + position() + ": buffer of " + length + " bytes, only " + buffer.remaining() + " left");
        }
        ByteBuffer view = buffer.slice(buffer.position(), (int) length);
        buffer.position(buffer.position() + (int) length);
        return view;
    }

    /** A {@code buffer}, copied. */
    public byte[] buffer() {
        ByteBuffer view = bufferView();
        byte[] bytes = new byte[view.remaining()];
        view.get(bytes);
        return bytes;
    }

    /** An {@code optionalBuffer}, copied; null when absent (length 0). */
    public byte @Nullable [] optionalBuffer() {
        byte[] bytes = buffer();
        return bytes.length == 0 ? null : bytes;
    }

    /** A {@code string}. Malformed UTF-8 is replaced, as in JavaScript. */
    public String string() {
        return new String(buffer(), StandardCharsets.UTF_8);
    }

    /** {@code length} bytes, copied. */
    public byte[] fixed(int length) {
        need(length, "fixed bytes");
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }

    /** 32 bytes as a hash. */
    public Hash hash() {
        return Hash.of(fixed(Hash.BYTES));
    }

    /** All bytes left, as a view. */
    public ByteBuffer rest() {
        ByteBuffer view = buffer.slice();
        buffer.position(buffer.limit());
        return view;
    }

    /** A copy of what was read since {@code start}, an earlier {@link #position}. */
    byte[] copyFrom(int start) {
        byte[] bytes = new byte[buffer.position() - start];
        buffer.get(start, bytes);
        return bytes;
    }

    /**
     * The count of an {@code array} whose items take at least {@code minItemBytes} (1 or more) each.
     *
     * @throws EncodingException above {@link #MAX_ARRAY}, or when so many items cannot be left
     */
    public int count(int minItemBytes) {
        long count = uint();
        if (count > MAX_ARRAY || count * minItemBytes > buffer.remaining()) {
            throw new EncodingException("offset " + position() + ": array of " + count + " items of at least "
                    + minItemBytes + " bytes, only " + buffer.remaining() + " bytes left");
        }
        return (int) count;
    }

    /** A {@code uint32array}: count of words, then the words, each an unsigned 32-bit number in an {@code int}. */
    public int[] uint32Array() {
        int[] words = new int[count(Integer.BYTES)];
        for (int i = 0; i < words.length; i++) {
            words[i] = buffer.getInt();
        }
        return words;
    }

    private void need(int bytes, String what) {
        if (buffer.remaining() < bytes) {
            throw new EncodingException("offset " + position() + ": " + what + " needs " + bytes + " bytes, only "
                    + buffer.remaining() + " left");
        }
    }
}
