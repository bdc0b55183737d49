package dev.espalier.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A segment of a file that is read by its mapping and written by its channel.
 *
 * <p>Design note: a write to mapped memory cannot fail as an exception. Where the disk is full it is a fault that the JVM
 * reports some instructions later, and the room for it may be needed not for the page written but for others that the
 * system keeps in one piece with it. A write by the channel says at once that there is no room. Both see the same page
 * cache.
 *
 * <p><b>Threading:</b> any number of readers; one writer at a time. What is written becomes visible to readers piece by
 * piece, in no order within one call, in order from call to call.
 */
final class Region {

    private final Mapping mapping;
    private final StorageFile file;
    private final long position;

    /** The bytes of {@code mapping}, which begin at {@code position} of the file. */
    Region(Mapping mapping, StorageFile file, long position) {
        this.mapping = mapping;
        this.file = file;
        this.position = position;
    }

    /** Bytes mapped. */
    int size() {
        return mapping.size();
    }

    long getLong(int offset) {
        return mapping.getLong(offset);
    }

    long getLongAcquire(int offset) {
        return mapping.getLongAcquire(offset);
    }

    void get(int offset, byte[] target, int targetOffset, int length) {
        mapping.get(offset, target, targetOffset, length);
    }

    void putLong(int offset, long value) {
        put(
                offset,
                ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value));
    }

    void putLongRelease(int offset, long value) {
        putLong(offset, value);
    }

    void put(int offset, byte[] source, int sourceOffset, int length) {
        put(offset, ByteBuffer.wrap(source, sourceOffset, length));
    }

    /** Writes the remaining bytes of {@code source}. */
    void put(int offset, ByteBuffer source) {
        file.write(position + offset, source);
    }
}
