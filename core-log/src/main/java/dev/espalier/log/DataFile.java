package dev.espalier.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@code data} file: bytes of blocks in the order in which they arrived, behind a page of header. Nothing is ever
 * written over.
 *
 * <pre>
 * 0        4096                                   2^30
 * +--------+---------+---------+--- ... ---+------+---------+---
 * | header | block   | block   |           | hole | block   |
 * +--------+---------+---------+--- ... ---+------+---------+---
 * |&lt;------------------ segment 0 ----------------&gt;|&lt;-- segment 1
 * </pre>
 *
 * <p>The file is written by its channel and read by mapping segments. No block straddles two segments: one that would
 * begins in the next, so that every block is one contiguous view. The header's parameter is the length of a segment as
 * a power of two. The tail is kept in the head file.
 *
 * <p><b>Threading:</b> any number of readers; one writer at a time.
 */
final class DataFile implements AutoCloseable {

    /** Bytes before the first block. */
    static final int HEADER_BYTES = 4096;

    /** Length of a segment of new files, as a power of two: 1 GiB. */
    static final int SEGMENT_SHIFT = 30;

    private static final long PAGE = 4096;
    private static final int FIRST_CAPACITY = 64 << 10;

    private final StorageFile file;
    private final int shift;
    private final StagingBuffers staging;

    private volatile @Nullable ByteBuffer[] segments = new ByteBuffer[0];
    private volatile long capacity;
    private long tail = HEADER_BYTES;

    /** What takes the file into use again; null while it is in use. */
    private volatile @Nullable Runnable wake;

    private DataFile(StorageFile file, int shift, StagingBuffers staging) {
        this.file = file;
        this.shift = shift;
        this.staging = staging;
        this.capacity = file.size();
    }

    /**
     * Opens the file, or makes it with segments of {@code 2^shift} bytes.
     *
     * @param fresh whether the file was never forced, so that its header may be lacking
     */
    static DataFile open(StorageFile file, byte[] tag, int shift, StagingBuffers staging, boolean fresh) {
        if (fresh && FileHeader.isAbsent(file)) {
            file.write(0, ByteBuffer.wrap(new FileHeader(FileKind.DATA, shift, tag).encode()));
            file.grow(HEADER_BYTES);
            return new DataFile(file, shift, staging);
        }
        byte[] start = new byte[FileHeader.BYTES];
        int length = file.read(0, ByteBuffer.wrap(start));
        long stored = FileHeader.decode(file.path(), Arrays.copyOf(start, length), FileKind.DATA, tag)
                .parameter();
        if (stored < 13 || stored > 30) {
            throw new CorruptLogException(file.path(), 24, "Length of a segment", "2^13 to 2^30", "2^" + stored);
        }
        return new DataFile(file, (int) stored, staging);
    }

    /** Most bytes that one block can have. */
    int maxBlockBytes() {
        return (1 << shift) - HEADER_BYTES;
    }

    /** Where the next block goes, unless it would straddle two segments. */
    long tail() {
        return tail;
    }

    /** Sets where the next block goes, as the head file says. */
    void tail(long position) {
        this.tail = Math.max(position, HEADER_BYTES);
    }

    /** Bytes that the file reaches over; what lies behind the tail is a hole. */
    long capacity() {
        return capacity;
    }

    /**
     * Writes the remaining bytes of each block, whose positions stay, and moves the tail.
     *
     * @param offsets takes the offset of each block
     */
    void append(List<ByteBuffer> blocks, long[] offsets) {
        long end = tail;
        for (int i = 0; i < blocks.size(); i++) {
            int length = blocks.get(i).remaining();
            offsets[i] = place(end, length);
            end = offsets[i] + length;
        }
        grow(end);
        ByteBuffer buffer = staging.take();
        try {
            gather(blocks, offsets, buffer);
        } finally {
            staging.give(buffer);
        }
        tail = end;
    }

    /** Copies blocks that lie next to each other into one buffer, and writes it whenever it is full. */
    private void gather(List<ByteBuffer> blocks, long[] offsets, ByteBuffer buffer) {
        buffer.clear();
        long position = tail;
        for (int i = 0; i < blocks.size(); i++) {
            ByteBuffer block = blocks.get(i);
            if (offsets[i] != position + buffer.position()) {
                flush(position, buffer);
                position = offsets[i];
            }
            int length = block.remaining();
            for (int done = 0; done < length; ) {
                int step = Math.min(buffer.remaining(), length - done);
                buffer.put(buffer.position(), block, block.position() + done, step);
                buffer.position(buffer.position() + step);
                done += step;
                if (!buffer.hasRemaining()) {
                    position += flush(position, buffer);
                }
            }
        }
        flush(position, buffer);
    }

    private int flush(long position, ByteBuffer buffer) {
        int length = buffer.flip().remaining();
        if (length > 0) {
            file.write(position, buffer);
        }
        buffer.clear();
        return length;
    }

    /** Where a block goes that comes after {@code end}. */
    private long place(long end, int length) {
        long segmentEnd = ((end >>> shift) + 1) << shift;
        return end + length > segmentEnd ? segmentEnd : end;
    }

    private void grow(long end) {
        long grown = capacity;
        if (end <= grown) {
            return;
        }
        long segmentBytes = 1L << shift;
        if (end <= segmentBytes) {
            grown = Math.max(grown, FIRST_CAPACITY);
            while (grown < end) {
                grown *= 2;
            }
            grown = Math.min(grown, segmentBytes);
        } else {
            grown = (end + segmentBytes - 1) & -segmentBytes;
        }
        file.grow(grown);
        capacity = grown;
    }

    /** Whether a block with this entry can lie in this file. */
    boolean isValid(long offset, int length) {
        return offset >= HEADER_BYTES
                && length >= 0
                && offset <= capacity - length
                && (length == 0 || offset >>> shift == (offset + length - 1) >>> shift);
    }

    /**
     * A read-only view of {@code length} bytes at {@code offset}, little endian; stays valid as long as it is reachable.
     *
     * @throws CorruptLogException when no block can lie there
     */
    ByteBuffer view(long offset, int length) {
        if (!isValid(offset, length)) {
            throw new CorruptLogException(
                    file.path(),
                    offset,
                    "Block",
                    "to lie between " + HEADER_BYTES + " and " + capacity,
                    length + " bytes at " + offset);
        }
        int segment = (int) (offset >>> shift);
        int start = (int) (offset & ((1L << shift) - 1));
        if (length == 0) {
            return ByteBuffer.allocate(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }
        ByteBuffer[] mapped = segments;
        ByteBuffer buffer = segment < mapped.length ? mapped[segment] : null;
        if (buffer == null || buffer.capacity() < start + length) {
            Runnable sleeping = wake;
            if (sleeping != null) {
                sleeping.run();
            }
            buffer = map(segment, start + length);
        }
        return buffer.slice(start, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private synchronized ByteBuffer map(int segment, int needed) {
        ByteBuffer[] known = segments;
        ByteBuffer existing = segment < known.length ? known[segment] : null;
        if (existing != null && existing.capacity() >= needed) {
            return existing;
        }
        long start = (long) segment << shift;
        ByteBuffer buffer = file.mapReadOnly(start, (int) Math.min(1L << shift, capacity - start));
        if (existing != null) {
            DroppedMappings.add(1);
        }
        if (wake == null) {
            @Nullable ByteBuffer[] next = Arrays.copyOf(known, Math.max(known.length, segment + 1));
            next[segment] = buffer;
            segments = next;
        } else {
            DroppedMappings.add(1); // Idle again already: for this one reader.
        }
        return buffer;
    }

    /** As {@link SegmentFile#idle}; views that were handed out stay readable. */
    synchronized void idle(@Nullable Runnable first) {
        wake = first;
        if (first != null) {
            dropMappings();
        }
        file.idle(first != null);
    }

    private void dropMappings() {
        DroppedMappings.add(segments.length);
        segments = new ByteBuffer[0];
    }

    /** Returns the whole pages between two offsets to the file system; the number of bytes returned. */
    long giveBack(long from, long end) {
        long first = (from + PAGE - 1) & -PAGE;
        long last = end & -PAGE;
        return first < last && file.giveBack(first, last - first) ? last - first : 0;
    }

    StorageFile file() {
        return file;
    }

    void force(boolean metadata) {
        file.force(metadata);
    }

    @Override
    public synchronized void close() {
        DroppedMappings.add(segments.length);
        file.close();
    }
}
