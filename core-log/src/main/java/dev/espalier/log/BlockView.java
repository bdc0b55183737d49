package dev.espalier.log;

import java.nio.ByteBuffer;

/**
 * A block's bytes in mapped memory, kept readable until closed.
 *
 * <p><b>Threading:</b> the view may be read by any thread; close once.
 */
public interface BlockView extends AutoCloseable {

    /** Read-only, little endian, position 0; a fresh duplicate at each call. */
    ByteBuffer bytes();

    /** Gives the memory back; the buffers handed out must not be touched any more. */
    @Override
    void close();
}
