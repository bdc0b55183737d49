package dev.espalier.drive;

import dev.espalier.log.Log;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.EncodingException;
import java.util.Arrays;

/**
 * Which blocks a file consists of, in order: those of a map that lies in the blobs log itself (drive specification §2),
 * each of its blocks being {@code cu version 0, cu count}, then per block {@code cu index, cu byteLength}.
 */
final class BlockMap {

    private static final int MAX_MAP_BLOCKS = 64;
    private static final int MAX_BLOCKS = MAX_MAP_BLOCKS * 8192;

    private final long[] indexes;
    private final int[] lengths;
    private final long byteLength;

    private BlockMap(long[] indexes, int[] lengths, long byteLength) {
        this.indexes = indexes;
        this.lengths = lengths;
        this.byteLength = byteLength;
    }

    static BlockMap read(Log log, Patience patience, BlobId id) {
        if (id.blockLength() > MAX_MAP_BLOCKS) {
            throw Failures.corrupt("A block map of " + id.blockLength() + " blocks is too large: at most "
                    + MAX_MAP_BLOCKS + " are allowed.");
        }
        long[] indexes = new long[0];
        int[] lengths = new int[0];
        long sum = 0;
        for (long i = 0; i < id.blockLength(); i++) {
            CompactReader in = new CompactReader(patience.get(log, id.blockOffset() + i));
            try {
                long version = in.uint();
                if (version > 0) {
                    throw Failures.corrupt("The block map in block " + (id.blockOffset() + i) + " has version "
                            + version + ", which is not known here.");
                }
                int count = in.count(2);
                int before = indexes.length;
                if (count > MAX_BLOCKS - before) {
                    throw Failures.corrupt("A block map names more than " + MAX_BLOCKS + " blocks.");
                }
                indexes = Arrays.copyOf(indexes, before + count);
                lengths = Arrays.copyOf(lengths, before + count);
                for (int k = before; k < indexes.length; k++) {
                    indexes[k] = in.uint();
                    lengths[k] = in.uint("length of a block", Log.MAX_BLOCK_BYTES);
                    sum += lengths[k];
                }
            } catch (EncodingException e) {
                throw Failures.corrupt("The block map in block " + (id.blockOffset() + i) + " cannot be read: "
                        + e.getMessage() + ".");
            }
        }
        return new BlockMap(indexes, lengths, sum);
    }

    /** Size of the file. */
    long byteLength() {
        return byteLength;
    }

    int count() {
        return indexes.length;
    }

    /** Index in the log of the file's block {@code i}. */
    long index(int i) {
        return indexes[i];
    }

    int length(int i) {
        return lengths[i];
    }
}
