package dev.espalier.log;

/**
 * A mapped piece of a file that is read at random, up to 1 GiB.
 *
 * <p>Memory stays mapped as long as the mapping is reachable, so that a reader that comes late finds old bytes or an
 * exception, never a crash. Offsets are bytes from the start of the mapping; those of {@code Long} methods must be
 * multiples of 8. Every access is bounds-checked.
 *
 * <p><b>Threading:</b> any thread. <b>Byte order:</b> little endian.
 */
interface Mapping {

    /** Bytes mapped. */
    int size();

    /** Eight bytes at {@code offset}. */
    long getLong(int offset);

    /** The same; what is read after it is not older than what was written to the file before these bytes. */
    long getLongAcquire(int offset);

    /** Copies {@code length} bytes out. */
    void get(int offset, byte[] target, int targetOffset, int length);
}
