package dev.espalier.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The {@code bits} file: which blocks are held. Bit {@code i} is block {@code i}, LSB first in bytes, in records of one
 * little-endian word of 64 bits.
 *
 * <p>A bit is set after the block's bytes, nodes and entry were written, and read with acquire semantics.
 *
 * <p><b>Threading:</b> any number of readers, one writer at a time.
 */
final class BitFile implements AutoCloseable {

    /** Bytes of a word. */
    static final int RECORD_BYTES = 8;

    /** Segments of 512 MiB, for 2^32 blocks. */
    static final int RECORDS_SHIFT = 26;

    /** Words that are gathered for one write. */
    private static final int CHUNK_WORDS = 1024;

    private final SegmentFile words;

    BitFile(SegmentFile words) {
        this.words = words;
    }

    boolean get(long block) {
        return (word(block >>> 6) & 1L << block) != 0;
    }

    /** Sets the bits of {@code start} to {@code end - 1}. */
    void set(long start, long end) {
        change(start, end, -1);
    }

    /** Clears all bits from {@code start} on. */
    void clearFrom(long start) {
        clear(start, words.records() << 6);
    }

    /** Clears the bits of {@code start} to {@code end - 1}. */
    void clear(long start, long end) {
        long limit = Math.min(end, words.records() << 6);
        long firstWhole = (start + 63) >>> 6;
        long endWhole = limit >>> 6;
        if (firstWhole > endWhole) { // within one word
            clearPart(start, limit);
            return;
        }
        clearPart(start, firstWhole << 6);
        words.zero(firstWhole, endWhole);
        clearPart(endWhole << 6, limit);
    }

    /** Clears bits of one word, if there are any. */
    private void clearPart(long start, long end) {
        if (nextSet(start, end) < end) {
            change(start, end, 0);
        }
    }

    /** Clears one bit. */
    void clear(long block) {
        clear(block, block + 1);
    }

    /** Gives the bits of {@code start} to {@code end - 1} the value of those of {@code fill}. */
    private void change(long start, long end, long fill) {
        long at = start;
        while (at < end) {
            long first = at >>> 6;
            long last = Math.min((end - 1) >>> 6, first + CHUNK_WORDS - 1);
            ByteBuffer run =
                    ByteBuffer.allocate((int) (last - first + 1) * RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (long word = first; word <= last; word++) {
                long stop = Math.min(end, (word + 1) << 6);
                long mask = mask(at, stop);
                run.putLong((word(word) & ~mask) | (fill & mask));
                at = stop;
            }
            words.write(first, run.flip());
        }
    }

    /** First block from {@code from} and below {@code end} whose bit is clear; {@code end} when there is none. */
    long nextClear(long from, long end) {
        return next(from, end, -1);
    }

    /** First block from {@code from} and below {@code end} whose bit is set; {@code end} when there is none. */
    long nextSet(long from, long end) {
        return next(from, end, 0);
    }

    private long next(long from, long end, long flip) {
        long known = words.records();
        for (long at = from; at < end; ) {
            long word = at >>> 6;
            if (word >= known) { // Nothing but clear bits from here on.
                return flip != 0 ? at : end;
            }
            long bits = (word(word) ^ flip) & (-1L << at);
            if (bits != 0) {
                return Math.min(end, (word << 6) + Long.numberOfTrailingZeros(bits));
            }
            at = (word + 1) << 6;
        }
        return end;
    }

    /** Number of bits set from {@code start} to {@code end - 1}. */
    long count(long start, long end) {
        long count = 0;
        long limit = Math.min(end, words.records() << 6);
        for (long at = start; at < limit; ) {
            long word = at >>> 6;
            long stop = Math.min(limit, (word + 1) << 6);
            count += Long.bitCount(word(word) & mask(at, stop));
            at = stop;
        }
        return count;
    }

    /**
     * Puts {@code count} words of 32 bits from block {@code start} (a multiple of 32) into {@code target}, little
     * endian; bits from {@code end} on are put as clear.
     */
    void copy(long start, int count, long end, ByteBuffer target) {
        for (int i = 0; i < count; i++) {
            long block = start + 32L * i;
            long bits = word(block >>> 6) >>> block;
            long left = end - block;
            if (left < 32) {
                bits &= left <= 0 ? 0 : (1L << left) - 1;
            }
            for (int shift = 0; shift < 32; shift += 8) {
                target.put((byte) (bits >>> shift));
            }
        }
    }

    private long word(long word) {
        Region region = words.readable(word);
        return region == null ? 0 : region.getLongAcquire(words.offset(word));
    }

    /** Bits of {@code from} to {@code stop - 1}, both in one word. */
    private static long mask(long from, long stop) {
        return (-1L << from) & (-1L >>> -stop);
    }

    SegmentFile words() {
        return words;
    }

    @Override
    public void close() {
        words.close();
    }
}
