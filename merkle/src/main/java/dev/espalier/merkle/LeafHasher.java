package dev.espalier.merkle;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hashes blocks into leaves (log specification §3): one after the other, or neighbours of equal length in step, as many as
 * a vector of the machine has lanes. The hashes are the same.
 *
 * <p>Vector code needs the module {@code jdk.incubator.vector} ({@code --add-modules}). It is several times as fast once
 * HotSpot compiled it, which takes a second of work, and far slower before.
 *
 * <p><b>Threading:</b> an instance belongs to one thread. It allocates nothing per block.
 */
public final class LeafHasher {

    private static final String MODULE = "jdk.incubator.vector";
    private static final String IMPLEMENTATION = "dev.espalier.merkle.vector.VectorLanes";

    /** Narrow vectors gain nothing. */
    private static final int LEAST_LANES = 4;

    private static final int PREFIX = 9;
    private static final int BLOCK = 128;

    /** Shorter blocks are hashed one by one: laying them out would cost what the lanes gain. */
    private static final int LEAST_BYTES = 8 * BLOCK;

    /** Bytes of each block outside the heap that are copied at a time. */
    private static final int COPIED = 16 * BLOCK;

    private final Blake2b blake = new Blake2b(Hash.BYTES);
    private final byte[] prefix = new byte[PREFIX];
    private final @Nullable Lanes lanes;

    /** Hashes one block after the other. */
    public LeafHasher() {
        lanes = null;
    }

    /** Uses {@code vector}. */
    LeafHasher(Blake2bLanes vector) {
        lanes = new Lanes(vector);
    }

    /** A hasher that uses vector code; null where its module, or vectors of four words, are lacking. */
    public static @Nullable LeafHasher inLanes() {
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return null;
        }
        try {
            Blake2bLanes vector = (Blake2bLanes)
                    Class.forName(IMPLEMENTATION).getDeclaredConstructor().newInstance();
            return vector.lanes() < LEAST_LANES ? null : new LeafHasher(vector);
        } catch (ReflectiveOperationException | LinkageError e) {
            // The module is an incubator: a later Java may have another one. Hashing one by one always works.
            return null;
        }
    }

    /**
     * Hashes the remaining bytes of each block, whose position stays.
     *
     * @param target takes the hashes, 32 bytes each, back to back from {@code offset} on
     */
    public void hash(List<ByteBuffer> blocks, byte[] target, int offset) {
        Lanes vector = lanes;
        for (int i = 0; i < blocks.size(); ) {
            int length = blocks.get(i).remaining();
            int end = vector == null || length < LEAST_BYTES ? i + 1 : endOfRun(blocks, i, vector.count);
            if (vector != null && 2 * (end - i) > vector.count) {
                vector.hash(blocks, i, end, length, target, offset + i * Hash.BYTES);
            } else {
                for (int j = i; j < end; j++) {
                    hashOne(blocks.get(j), target, offset + j * Hash.BYTES);
                }
            }
            i = end;
        }
    }

    /** End of the blocks from {@code start} on that have the same length, at most {@code most} of them. */
    private static int endOfRun(List<ByteBuffer> blocks, int start, int most) {
        int limit = Math.min(blocks.size(), start + most);
        int end = start + 1;
        while (end < limit && blocks.get(end).remaining() == blocks.get(start).remaining()) {
            end++;
        }
        return end;
    }

    /** Hashes one block. */
    void hashOne(ByteBuffer block, byte[] target, int offset) {
        fillPrefix(prefix, 0, block.remaining());
        blake.update(prefix, 0, PREFIX).update(block).digest(target, offset);
    }

    /** A leaf's zero, and its length in little endian. */
    private static void fillPrefix(byte[] target, int offset, int length) {
        target[offset] = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            target[offset + 1 + i] = (byte) ((long) length >>> (8 * i));
        }
    }

    /**
     * Blocks of one length, hashed in step. An input begins with the prefix, so a block of BLAKE2b straddles the block's
     * bytes by nine: the first and the last are put together here, those between are read where they lie.
     */
    private static final class Lanes {

        private final Blake2bLanes vector;
        private final int count;
        private final long[] states;
        private final byte[][] sources;
        private final int[] offsets;

        /** What is put together or copied for each lane. */
        private final byte[][] copies;

        private final int[] zeros;

        Lanes(Blake2bLanes vector) {
            this.vector = vector;
            this.count = vector.lanes();
            this.states = new long[8 * count];
            this.sources = new byte[count][];
            this.offsets = new int[count];
            this.copies = new byte[count][COPIED];
            this.zeros = new int[count];
        }

        void hash(List<ByteBuffer> blocks, int start, int end, int length, byte[] target, int offset) {
            long[] initial = Blake2b.initialState(Hash.BYTES);
            for (int i = 0; i < states.length; i++) {
                states[i] = initial[i / count];
            }
            int whole = (PREFIX + length - 1) / BLOCK; // All but the last, which has 1 to 128 bytes.
            first(blocks, start, end, length);
            boolean onHeap = blocks.get(start).hasArray();
            for (int i = start; i < end; i++) {
                onHeap &= blocks.get(i).hasArray();
            }
            if (onHeap) {
                inPlace(blocks, start, end, whole);
            } else {
                copied(blocks, start, end, whole);
            }
            last(blocks, start, end, length, whole);
            for (int lane = 0; lane < end - start; lane++) {
                for (int i = 0; i < Hash.BYTES; i++) {
                    target[offset + lane * Hash.BYTES + i] =
                            (byte) (states[(i >>> 3) * count + lane] >>> (8 * (i & 7)));
                }
            }
        }

        /** The block of a lane; idle lanes hash the last one again. */
        private ByteBuffer block(List<ByteBuffer> blocks, int start, int end, int lane) {
            return blocks.get(Math.min(start + lane, end - 1));
        }

        private void first(List<ByteBuffer> blocks, int start, int end, int length) {
            for (int lane = 0; lane < count; lane++) {
                ByteBuffer block = block(blocks, start, end, lane);
                fillPrefix(copies[lane], 0, length);
                block.get(block.position(), copies[lane], PREFIX, BLOCK - PREFIX);
            }
            vector.compress(states, copies, zeros, 1, BLOCK, 0);
        }

        private void inPlace(List<ByteBuffer> blocks, int start, int end, int whole) {
            for (int lane = 0; lane < count; lane++) {
                ByteBuffer block = block(blocks, start, end, lane);
                sources[lane] = block.array();
                offsets[lane] = block.arrayOffset() + block.position() + BLOCK - PREFIX;
            }
            vector.compress(states, sources, offsets, whole - 1, 2L * BLOCK, 0);
            Arrays.fill(sources, copies[0]); // Holds on to nobody's bytes.
        }

        private void copied(List<ByteBuffer> blocks, int start, int end, int whole) {
            for (int done = 1; done < whole; ) {
                int step = Math.min(COPIED / BLOCK, whole - done);
                for (int lane = 0; lane < count; lane++) {
                    ByteBuffer block = block(blocks, start, end, lane);
                    block.get(block.position() + done * BLOCK - PREFIX, copies[lane], 0, step * BLOCK);
                }
                vector.compress(states, copies, zeros, step, (done + 1L) * BLOCK, 0);
                done += step;
            }
        }

        private void last(List<ByteBuffer> blocks, int start, int end, int length, int whole) {
            int from = whole * BLOCK - PREFIX;
            for (int lane = 0; lane < count; lane++) {
                ByteBuffer block = block(blocks, start, end, lane);
                block.get(block.position() + from, copies[lane], 0, length - from);
                Arrays.fill(copies[lane], length - from, BLOCK, (byte) 0);
            }
            vector.compress(states, copies, zeros, 1, PREFIX + (long) length, -1);
        }
    }
}
