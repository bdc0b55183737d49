package dev.espalier.drive;

import java.nio.ByteBuffer;
import java.util.List;

/** What a B-tree needs of the log below it. */
interface TreeLog {

    long length();

    /** Changes when blocks that were read may have been replaced. */
    long fork();

    /** One block, fetched if need be; the array is the tree's to keep. */
    byte[] block(long seq);

    /** Says that a block is likely to be read soon; does not wait. */
    default void expect(long seq) {}

    /** Appends all or nothing. */
    void append(List<ByteBuffer> blocks);
}
