package dev.espalier.replicate.mux;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EncodingException;
import io.netty.buffer.ByteBuf;

/**
 * The {@code uint} of the compact encoding on Netty buffers (replication specification §0).
 *
 * <p><b>Threading:</b> stateless. <b>Byte order:</b> little endian.
 */
public final class WireUint {

    /** Most bytes a {@code uint} takes. */
    public static final int MAX_BYTES = 9;

    private WireUint() {}

    /** How many bytes {@link #write} takes for {@code value}. */
    public static int length(long value) {
        return CompactWriter.uintLength(value);
    }

    /** Writes {@code value} (0 to 2^53-1) in its shortest form. */
    public static void write(ByteBuf target, long value) {
        if (value < 0 || value > CompactReader.MAX_UINT) {
            throw new IllegalArgumentException("number out of range: " + value);
        }
        if (value <= 0xfc) {
            target.writeByte((int) value);
        } else if (value <= 0xffff) {
            target.writeByte(0xfd).writeShortLE((int) value);
        } else if (value <= 0xffffffffL) {
            target.writeByte(0xfe).writeIntLE((int) value);
        } else {
            target.writeByte(0xff).writeLongLE(value);
        }
    }

    /**
     * Reads a number in any form.
     *
     * @throws EncodingException when bytes are missing or the number is above 2^53-1
     */
    public static long read(ByteBuf source) {
        need(source, 1);
        int first = source.readUnsignedByte();
        switch (first) {
            case 0xfd:
                need(source, 2);
                return source.readUnsignedShortLE();
            case 0xfe:
                need(source, 4);
                return source.readUnsignedIntLE();
            case 0xff:
                need(source, 8);
                long value = source.readLongLE();
                if (value < 0 || value > CompactReader.MAX_UINT) {
                    throw new EncodingException("a number above 2^53-1 in a message: " + Long.toUnsignedString(value));
                }
                return value;
            default:
                return first;
        }
    }

    private static void need(ByteBuf source, int bytes) {
        if (source.readableBytes() < bytes) {
            throw new EncodingException(
                    "a number in a message needs " + bytes + " bytes, only " + source.readableBytes() + " left");
        }
    }
}
