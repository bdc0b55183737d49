package dev.espalier.drive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/** Takes the bytes of one file and says where they are. <b>Threading:</b> one thread at a time. */
interface BlobSink {

    /** Adds bytes to the present block, then to the next ones. */
    void write(byte[] bytes, int offset, int length);

    /** Ends the present block and adds one of its own, copied. */
    void writeBlock(ByteBuffer bytes);

    /** Adds all that {@code source} gives; {@code copied} is told of the bytes of each step. */
    void writeAll(InputStream source, LongConsumer copied) throws IOException;

    /** Appends the rest and gives the lock back. */
    BlobId finish();

    /** Gives up; blocks that were appended stay, of no use. */
    void abort();
}
