package dev.espalier.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A ring of blocks of equal size; each one handed out differs from all before it. <b>Threading:</b> one thread. */
final class Blocks {

    private static final int RING = 64;

    private final ByteBuffer[] ring = new ByteBuffer[RING];
    private final byte[][] arrays = new byte[RING][];
    private long count;

    /** Blocks of {@code size} (8 or more) bytes, in Java arrays or outside the heap. */
    Blocks(int size, boolean direct) {
        Random source = new Random(size);
        for (int i = 0; i < RING; i++) {
            arrays[i] = new byte[size];
            source.nextBytes(arrays[i]);
            ring[i] = direct ? ByteBuffer.allocateDirect(size).put(0, arrays[i]) : ByteBuffer.wrap(arrays[i]);
            ring[i].order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /** A block of the ring, its first eight bytes new; valid until the ring has gone round. */
    ByteBuffer next() {
        ByteBuffer block = ring[(int) (count % RING)];
        block.putLong(0, count++);
        return block.clear();
    }

    /** The array of {@link #next()}; only for blocks in Java arrays. */
    byte[] nextArray() {
        byte[] array = arrays[(int) (count % RING)];
        next();
        return array;
    }

    /** The next {@code blocks} (at most the ring's 64) blocks. */
    List<ByteBuffer> next(int blocks) {
        List<ByteBuffer> batch = new ArrayList<>(blocks);
        for (int i = 0; i < blocks; i++) {
            batch.add(next());
        }
        return batch;
    }
}
