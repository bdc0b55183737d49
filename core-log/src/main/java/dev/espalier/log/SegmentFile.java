package dev.espalier.log;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A file of records of equal size behind a page of header: read by mapping segments, written by its channel, growing,
 * sparse.
 *
 * <pre>
 * 0          4096                            4096 + n * record bytes
 * +----------+----------+----------+---- ... ----+
 * | header   | record 0 | record 1 |             |
 * +----------+----------+----------+---- ... ----+
 *            |&lt;------- segment 0 -------&gt;|&lt;-- segment 1 --&gt;|
 * </pre>
 *
 * <p>Records never straddle two segments. The first segment is mapped anew at each doubling of the file; what readers
 * mapped before stays valid, and nothing is ever cut. How long a segment is does not show in the file.
 *
 * <p><b>Threading:</b> any number of readers; one writer at a time.
 */
final class SegmentFile implements AutoCloseable {

    /** Bytes before the first record. */
    static final int HEADER_BYTES = 4096;

    private static final int PAGE = 4096;

    /** The least piece that a file system gives room to. */
    private static final int SECTOR = 512;

    /** Bytes that are looked at in one read. */
    private static final int CHUNK = 64 << 10;

    private final StorageFile file;
    private final int recordBytes;
    private final int shift;
    private final long mask;
    private final int segmentBytes;

    private volatile @Nullable Region[] regions = new Region[0];
    private volatile long capacity;

    /** What takes the file into use again; null while it is in use. */
    private volatile @Nullable Runnable wake;

    private SegmentFile(StorageFile file, int recordBytes, int shift) {
        this.file = file;
        this.recordBytes = recordBytes;
        this.shift = shift;
        this.mask = (1L << shift) - 1;
        this.segmentBytes = Math.multiplyExact(recordBytes, 1 << shift);
        if (segmentBytes % PAGE != 0) {
            throw new IllegalArgumentException("segments must consist of pages: " + segmentBytes);
        }
    }

    /**
     * Opens a file, or makes it.
     *
     * @param recordBytes bytes per record
     * @param shift records per segment, as a power of two
     * @param fresh whether the file was never forced, so that its header may be lacking
     */
    static SegmentFile open(StorageFile file, FileKind kind, byte[] tag, int recordBytes, int shift, boolean fresh) {
        SegmentFile opened = new SegmentFile(file, recordBytes, shift);
        if (fresh && FileHeader.isAbsent(file)) {
            file.write(0, ByteBuffer.wrap(new FileHeader(kind, 0, tag).encode()));
            file.grow(HEADER_BYTES + PAGE);
        } else {
            byte[] start = new byte[FileHeader.BYTES];
            int length = file.read(0, ByteBuffer.wrap(start));
            FileHeader.decode(file.path(), Arrays.copyOf(start, length), kind, tag);
            long pages = Math.max(1, (file.size() - HEADER_BYTES + PAGE - 1) / PAGE);
            file.grow(HEADER_BYTES + pages * PAGE);
        }
        opened.capacity = file.size() - HEADER_BYTES;
        return opened;
    }

    StorageFile file() {
        return file;
    }

    /** Number of whole records that the file has room for. */
    long records() {
        return capacity / recordBytes;
    }

    /** Offset of a record in its region. */
    int offset(long record) {
        return (int) (record & mask) * recordBytes;
    }

    /** Offset of a record in the file. */
    long fileOffset(long record) {
        return HEADER_BYTES + record * recordBytes;
    }

    /** The region that holds a record; null when the file does not reach so far, which means that it is all zero. */
    @Nullable
    Region readable(long record) {
        int segment = (int) (record >>> shift);
        Region[] mapped = regions;
        if (segment < mapped.length) {
            Region region = mapped[segment];
            if (region != null && offset(record) + recordBytes <= region.size()) {
                return region;
            }
        }
        return (record + 1) * recordBytes > capacity ? null : mapped(segment);
    }

    /** The region that holds a record, for writing it; the file grows as needed. */
    Region writable(long record) {
        ensure(record + 1);
        Region region = readable(record);
        if (region == null) {
            throw new IllegalStateException("not mapped after growing: " + file.path());
        }
        return region;
    }

    /** Writes the remaining bytes of {@code source} over records from {@code record} on, as many as they fill or begin. */
    void write(long record, ByteBuffer source) {
        ensure(record + (source.remaining() + recordBytes - 1) / recordBytes);
        file.write(fileOffset(record), source);
    }

    /** Fills {@code target} with the bytes from {@code record} on, without mapping; what the file lacks is zero. */
    void read(long record, byte[] target) {
        int length = file.read(fileOffset(record), ByteBuffer.wrap(target));
        Arrays.fill(target, length, target.length, (byte) 0);
    }

    /**
     * Makes records from {@code start} to {@code end - 1} zero, as far as they exist. Only sectors with content are
     * written: holes stay holes, and a full disk does not stand in the way.
     */
    void zero(long start, long end) {
        long limit = fileOffset(Math.min(end, records()));
        byte[] chunk = new byte[CHUNK];
        for (long at = fileOffset(start); at < limit; ) {
            long stop = Math.min(limit, at - at % PAGE + CHUNK);
            int length = file.read(at, ByteBuffer.wrap(chunk, 0, (int) (stop - at)));
            zeroContent(at, chunk, length);
            at = stop;
        }
    }

    /** Writes zeros over those sectors of {@code length} bytes at {@code position} that have content. */
    private void zeroContent(long position, byte[] bytes, int length) {
        int runStart = 0;
        for (int from = 0; from < length; ) {
            int to = (int) Math.min(length, from + SECTOR - (position + from) % SECTOR);
            boolean empty = isZero(bytes, from, to);
            if (empty || to == length) {
                int runEnd = empty ? from : to;
                if (runEnd > runStart) {
                    file.write(position + runStart, ByteBuffer.allocate(runEnd - runStart));
                }
                runStart = to;
            }
            from = to;
        }
    }

    private static boolean isZero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private void ensure(long records) {
        if (records * recordBytes > capacity) {
            grow(records * recordBytes);
        }
    }

    private void grow(long needed) {
        long grown = capacity;
        if (needed <= segmentBytes) {
            while (grown < needed) {
                grown = Math.min(grown * 2, segmentBytes);
            }
        } else {
            grown = (needed + segmentBytes - 1) / segmentBytes * segmentBytes;
        }
        file.grow(HEADER_BYTES + grown);
        capacity = grown;
    }

    /** Maps a segment as far as the file goes. */
    private Region mapped(int segment) {
        Runnable sleeping = wake;
        if (sleeping != null) {
            sleeping.run();
        }
        return map(segment);
    }

    private synchronized Region map(int segment) {
        long start = (long) segment * segmentBytes;
        int size = (int) Math.min(segmentBytes, capacity - start);
        Region[] known = regions;
        Region existing = segment < known.length ? known[segment] : null;
        if (existing != null && existing.size() >= size) {
            return existing;
        }
        Region region = new Region(file.map(HEADER_BYTES + start, size), file, HEADER_BYTES + start);
        if (existing != null) {
            DroppedMappings.add(1);
        }
        if (wake == null) {
            @Nullable Region[] next = Arrays.copyOf(known, Math.max(known.length, segment + 1));
            next[segment] = region;
            regions = next;
        } else {
            DroppedMappings.add(1); // Idle again already: for this one reader.
        }
        return region;
    }

    /**
     * Drops all mappings and closes the file until it is used again; readers in the middle of a mapping finish with it.
     *
     * @param first what is called before something is mapped again; null to take the file into use
     */
    synchronized void idle(@Nullable Runnable first) {
        wake = first;
        if (first != null) {
            dropMappings();
        }
        file.idle(first != null);
    }

    private void dropMappings() {
        DroppedMappings.add(regions.length);
        regions = new Region[0];
    }

    void force(boolean metadata) {
        file.force(metadata);
    }

    @Override
    public synchronized void close() {
        DroppedMappings.add(regions.length);
        file.close();
    }
}
