package dev.espalier.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The {@code entries} file: where each block's bytes lie in the data file. Record {@code i} belongs to block {@code i}:
 *
 * <pre>
 * 0                   8                   12                  16
 * +-------------------+-------------------+-------------------+
 * | u64 offset in     | u32 stored length | u32 flags,        |
 * | the data file     |                   | reserved, zero    |
 * +-------------------+-------------------+-------------------+
 * </pre>
 *
 * <p>An offset of 0 means that the entry was never written: blocks begin after the data file's header. The bit of a
 * block is set after its entry was written, and only then may the entry be read. A truncation takes the
 * entries away with the bits: an old one must not come true when a loss of power keeps a new bit and not its entry.
 */
final class EntryFile implements AutoCloseable {

    /** Bytes of an entry. */
    static final int RECORD_BYTES = 16;

    /** Segments of 512 MiB. */
    static final int RECORDS_SHIFT = 25;

    private static final int LENGTH = 8;

    /** Most bytes of entries that are gathered for one write. */
    private static final int CHUNK = 64 << 10;

    private final SegmentFile records;

    EntryFile(SegmentFile records) {
        this.records = records;
    }

    /** Offset of a block in the data file; 0 when its entry was never written. */
    long offset(long block) {
        Region region = records.readable(block);
        return region == null ? 0 : region.getLong(records.offset(block));
    }

    /** Stored length of a block. */
    int length(long block) {
        Region region = records.readable(block);
        return region == null ? 0 : (int) region.getLong(records.offset(block) + LENGTH);
    }

    void put(long block, long offset, int length) {
        putAll(block, new long[] {offset}, new int[] {length});
    }

    /** Writes the entries of blocks that follow each other. */
    void putAll(long first, long[] offsets, int[] lengths) {
        putAll(first, offsets, lengths, 0, offsets.length);
    }

    /** The same; those of {@code first} and the blocks behind it stand from {@code from} to {@code to - 1}. */
    void putAll(long first, long[] offsets, int[] lengths, int from, int to) {
        ByteBuffer run =
                ByteBuffer.allocate(Math.min(CHUNK, (to - from) * RECORD_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        long start = first;
        for (int i = from; i < to; i++) {
            run.putLong(offsets[i]).putLong(lengths[i]);
            if (!run.hasRemaining() || i == to - 1) {
                records.write(start, run.flip());
                start = first + (i - from) + 1;
                run.clear();
            }
        }
    }

    /** Makes the entries of {@code start} to {@code end - 1} as if never written. */
    void removeFrom(long start, long end) {
        records.zero(start, end);
    }

    SegmentFile records() {
        return records;
    }

    @Override
    public void close() {
        records.close();
    }
}
