package dev.espalier.drive;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the value of a file without metadata where it is written as all writers do it, many times as fast as {@link Json}
 * does. Anything else is not for it, and no mistake.
 *
 * <p><b>Threading:</b> one thread.
 */
final class PlainEntry {

    private static final byte[] EXECUTABLE = ascii("{\"executable\":");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] BLOCK_OFFSET = ascii(",\"linkname\":null,\"blob\":{\"blockOffset\":");
    private static final byte[] BYTE_OFFSET = ascii(",\"byteOffset\":");
    private static final byte[] BLOCK_LENGTH = ascii(",\"blockLength\":");
    private static final byte[] BYTE_LENGTH = ascii(",\"byteLength\":");
    private static final byte[] BLOCK_MAP = ascii(",\"blockMap\":true");
    private static final byte[] END = ascii("},\"metadata\":null}");

    /** Decimal digits that no number to 2^53-1 exceeds and no long overflows with. */
    private static final int MAX_DIGITS = 16;

    private final byte[] value;
    private int at;
    private boolean failed;

    private PlainEntry(byte[] value) {
        this.value = value;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The entry of a value; null when it is written in another way. */
    static @Nullable Entry read(long seq, String path, byte[] value) {
        return new PlainEntry(value).entry(seq, path);
    }

    private @Nullable Entry entry(long seq, String path) {
        expect(EXECUTABLE);
        boolean executable = skip(TRUE);
        if (!executable) {
            expect(FALSE);
        }
        expect(BLOCK_OFFSET);
        long blockOffset = number();
        expect(BYTE_OFFSET);
        long byteOffset = number();
        expect(BLOCK_LENGTH);
        long blockLength = number();
        expect(BYTE_LENGTH);
        long byteLength = number();
        boolean map = skip(BLOCK_MAP);
        expect(END);
        if (failed || at < value.length) {
            return null;
        }
        return new Entry(
                seq, path, executable, null, new BlobId(blockOffset, byteOffset, blockLength, byteLength, map), null);
    }

    private boolean skip(byte[] text) {
        if (value.length - at < text.length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (value[at + i] != text[i]) {
                return false;
            }
        }
        at += text.length;
        return true;
    }

    private void expect(byte[] text) {
        failed |= !skip(text);
    }

    private long number() {
        int start = at;
        long number = 0;
        while (at < value.length && value[at] >= '0' && value[at] <= '9' && at - start < MAX_DIGITS) {
            number = 10 * number + value[at++] - '0';
        }
        boolean leadingZero = at - start > 1 && value[start] == '0';
        failed |= at == start || leadingZero || number > WireReader.MAX_NUMBER;
        return number;
    }
}
