package dev.espalier.log;

import dev.espalier.merkle.Hash;
import org.jspecify.annotations.Nullable;

/**
 * What one slot of the head file says. Layout: {@link HeadDescriptor}.
 *
 * @param sequence grows with each head written; the larger wins
 * @param fork fork of the log
 * @param length number of blocks
 * @param byteLength stored bytes of all blocks
 * @param treeHash hash of the roots
 * @param dataTail where the next block's bytes go in the data file
 * @param forced whether all that this head leads to was on the device before the head was written
 * @param appendedFrom blocks from here on were all held when the head was written; the length when that is not promised
 * @param signature signature field; null for none
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record HeadRecord(
        long sequence,
        long fork,
        long length,
        long byteLength,
        Hash treeHash,
        long dataTail,
        boolean forced,
        long appendedFrom,
        byte @Nullable [] signature) {

    /** Sequence number of the head that a log is made with. */
    static final long FIRST = 1;
}
