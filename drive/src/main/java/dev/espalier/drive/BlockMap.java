package dev.espalier.drive;

import dev.espalier.log.Log;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EncodingException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which blocks a file consists of, in order: those of a map that lies in the blobs log itself (drive specification §2),
 * each of its blocks being {@code cu version 0, cu count}, then per block {@code cu index, cu byteLength}.
 */
final class BlockMap {

    private static final int MAX_MAP_BLOCKS = 64;
    private static final int BLOCKS_IN_MAP_BLOCK = 8192;
    private static final int MAX_BLOCKS = MAX_MAP_BLOCKS * BLOCKS_IN_MAP_BLOCK;

    private final long[] indexes;
    private final int[] lengths;
    private final long byteLength;

    private BlockMap(long[] indexes, int[] lengths, long byteLength) {
        this.indexes = indexes;
        this.lengths = lengths;
        this.byteLength = byteLength;
    }

    /** Collects the blocks of a file. */
    static final class Builder {

        private long[] indexes = new long[16];
        private int[] lengths = new int[16];
        private int count;

        void add(long index, int length) {
            if (count == MAX_BLOCKS) {
                throw Failures.invalidInput("A file in more than " + MAX_BLOCKS
                        + " blocks cannot be stored with a block map: write it without dedup.");
            }
            if (count == indexes.length) {
                indexes = Arrays.copyOf(indexes, 2 * count);
                lengths = Arrays.copyOf(lengths, 2 * count);
            }
            indexes[count] = index;
            lengths[count++] = length;
        }

        /** The blocks of the map; none for an empty file. */
        List<ByteBuffer> encode() {
            List<ByteBuffer> blocks = new ArrayList<>();
            for (int from = 0; from < count; from += BLOCKS_IN_MAP_BLOCK) {
                int to = Math.min(count, from + BLOCKS_IN_MAP_BLOCK);
                CompactWriter out = new CompactWriter().uint(0).uint(to - from);
                for (int i = from; i < to; i++) {
                    out.uint(indexes[i]).uint(lengths[i]);
                }
                blocks.add(ByteBuffer.wrap(out.toByteArray()));
            }
            return blocks;
        }
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
