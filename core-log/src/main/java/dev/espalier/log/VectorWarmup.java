package dev.espalier.log;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.LeafHasher;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Gets the vector code of {@link LeafHasher} compiled, in a thread of its own, in processes that hash a lot. Before that it
 * is slower than hashing one block after the other.
 *
 * <p><b>Threading:</b> any thread.
 */
final class VectorWarmup {

    /** What a process hashes before it is worth it: a third of a second's work. */
    private static final long WORTH_BYTES = 256L << 20;

    private static final int TRIAL_BLOCKS = 8;
    private static final int TRIAL_BYTES = 4 << 10;
    private static final int TRIALS = 4000;

    private static final AtomicLong HASHED = new AtomicLong();
    private static final AtomicBoolean BEGUN = new AtomicBoolean();
    private static volatile boolean warm;

    private VectorWarmup() {}

    /** A new hasher that uses vectors, when that is the faster way by now; else null. */
    static @Nullable LeafHasher hasher() {
        return warm ? LeafHasher.inLanes() : null;
    }

    /** Says how much was hashed; begins when that is enough. */
    static void hashed(long bytes) {
        if (!BEGUN.get() && HASHED.addAndGet(bytes) >= WORTH_BYTES && BEGUN.compareAndSet(false, true)) {
            LeafHasher inLanes = LeafHasher.inLanes();
            if (inLanes != null) {
                Thread thread = new Thread(() -> warm = becomesFaster(inLanes), "espalier-vector");
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    /** Hashes until that takes less than half the time that it takes without vectors; false when it never does. */
    static boolean becomesFaster(LeafHasher inLanes) {
        LeafHasher plain = new LeafHasher();
        List<ByteBuffer> blocks = IntStream.range(0, TRIAL_BLOCKS)
                .mapToObj(i -> ByteBuffer.wrap(new byte[TRIAL_BYTES]))
                .toList();
        byte[] hashes = new byte[TRIAL_BLOCKS * Hash.BYTES];
        byte[] expected = new byte[TRIAL_BLOCKS * Hash.BYTES];
        int faster = 0;
        for (int trial = 0; trial < TRIALS && faster < 3; trial++) {
            blocks.get(trial % TRIAL_BLOCKS).put(trial % TRIAL_BYTES, (byte) trial);
            long begun = System.nanoTime();
            inLanes.hash(blocks, hashes, 0);
            long between = System.nanoTime();
            plain.hash(blocks, expected, 0);
            long ended = System.nanoTime();
            if (!Arrays.equals(hashes, expected)) {
                return false;
            }
            faster = 2 * (between - begun) < ended - between ? faster + 1 : 0;
        }
        return faster == 3;
    }
}
