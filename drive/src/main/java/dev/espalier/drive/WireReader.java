package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;

/**
 * Reads the part of the protobuf wire format that the B-tree uses (drive specification §1.1). Input is hostile: every
 * length is checked against what is left, unknown fields are skipped, groups are refused. Allocates nothing.
 */
final class WireReader {

    /** Largest number: what a JavaScript number holds exactly. */
    static final long MAX_NUMBER = (1L << 53) - 1;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final byte[] bytes;
    private final int limit;
    private int position;

    /** Start and end of the value of the field read last, when it was one of bytes. */
    int start;

    int end;

    WireReader(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.position = from;
        this.limit = to;
    }

    boolean hasMore() {
        return position < limit;
    }

    /** The number of the next field of bytes, whose range is then in {@link #start}, {@link #end}; 0 at the end. */
    int nextBytesField() {
        while (position < limit) {
            long tag = varint();
            int type = (int) tag & 7;
            if (type == BYTES) {
                long length = varint();
                if (length > limit - position) {
                    throw bad("field of " + length + " bytes, only " + (limit - position) + " left");
                }
                start = position;
                end = position + (int) length;
                position = end;
                return (int) Math.min(tag >>> 3, Integer.MAX_VALUE);
            }
            skip(type);
        }
        return 0;
    }

    private void skip(int type) {
        int width = switch (type) {
            case VARINT -> {
                varint();
                yield 0;
            }
            case FIXED64 -> 8;
            case FIXED32 -> 4;
            default -> throw bad("unknown wire type " + type);
        };
        if (width > limit - position) {
            throw bad("fixed field of " + width + " bytes, only " + (limit - position) + " left");
        }
        position += width;
    }

    /** A number from 0 to {@link #MAX_NUMBER}. */
    long varint() {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            if (position >= limit) {
                throw bad("number cut short");
            }
            byte b = bytes[position++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                if (value > MAX_NUMBER) {
                    throw bad("number above 2^53-1");
                }
                return value;
            }
        }
        throw bad("number longer than 9 bytes");
    }

    private EspalierException bad(String what) {
        return Failures.corrupt("offset " + position + ": " + what);
    }
}
