package dev.espalier.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * One open file of a {@link Storage}.
 *
 * <p><b>Threading:</b> any thread, but {@link #grow} and {@link #write} belong to one writer at a time.
 */
interface StorageFile extends AutoCloseable {

    Path path();

    long size();

    /** Makes the file at least {@code size} bytes long; what is new reads as zeros and takes no room on the disk. */
    void grow(long size);

    /** Fills {@code target} from {@code position} on, or as far as the file goes; returns the bytes read. */
    int read(long position, ByteBuffer target);

    /** Writes all remaining bytes of {@code source} at {@code position}. */
    void write(long position, ByteBuffer source);

    /** Maps existing bytes for reading at random; {@code position} is a multiple of 4096. */
    Mapping map(long position, int size);

    /** Maps existing bytes for reading. The buffer stays valid as long as it is reachable, whatever is closed. */
    ByteBuffer mapReadOnly(long position, int size);

    /** Whether {@link #giveBack} can do anything. */
    default boolean canGiveBack() {
        return false;
    }

    /**
     * Returns the room of some bytes to the file system; they read as zeros then. Both numbers are multiples of 4096. False
     * when the room stays taken.
     */
    default boolean giveBack(long position, long length) {
        return false;
    }

    /**
     * Says that nobody uses the file just now, so that the system need not keep it open: it opens for each use then. What
     * is mapped stays valid. {@code false} says that it is in use again.
     */
    default void idle(boolean now) {}

    /** Forces all bytes written through this file to the device; its metadata too, if asked. */
    void force(boolean metadata);

    @Override
    void close();
}
