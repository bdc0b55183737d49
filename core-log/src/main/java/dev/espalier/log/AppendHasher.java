package dev.espalier.log;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.LeafHasher;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;

/**
 * Hashes the blocks of an append, large ones on two threads. Where no thread is free, the caller does all of it: joining a
 * task that nobody began runs it.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class AppendHasher {

    /** Bytes from which a second thread is worth being woken: a third of a millisecond's work. */
    private static final long SHARED_BYTES = 256 << 10;

    private LeafHasher first = new LeafHasher();
    private LeafHasher second = new LeafHasher();
    private boolean inLanes;

    /** The leaves of {@code blocks}, 32 bytes each; positions stay. */
    byte[] hash(List<ByteBuffer> blocks) {
        byte[] hashes = new byte[Math.multiplyExact(blocks.size(), Hash.BYTES)];
        long bytes = bytes(blocks);
        VectorWarmup.hashed(bytes);
        useLanes();
        int half = half(blocks, bytes);
        if (half == 0) {
            first.hash(blocks, hashes, 0);
            return hashes;
        }
        LeafHasher other = second;
        ForkJoinTask<?> beside = ForkJoinPool.commonPool()
                .submit(() -> other.hash(blocks.subList(half, blocks.size()), hashes, half * Hash.BYTES));
        try {
            first.hash(blocks.subList(0, half), hashes, 0);
        } finally {
            beside.join();
        }
        return hashes;
    }

    private void useLanes() {
        if (!inLanes) {
            LeafHasher one = VectorWarmup.hasher();
            LeafHasher other = VectorWarmup.hasher();
            if (one != null && other != null) {
                first = one;
                second = other;
                inLanes = true;
            }
        }
    }

    private static long bytes(List<ByteBuffer> blocks) {
        long bytes = 0;
        for (ByteBuffer block : blocks) {
            bytes += block.remaining();
        }
        return bytes;
    }

    /** Where the second half of the bytes begins; 0 when they are too few to be shared. */
    private static int half(List<ByteBuffer> blocks, long bytes) {
        if (bytes < SHARED_BYTES) {
            return 0;
        }
        long before = 0;
        int half = 0;
        while (half < blocks.size() - 1 && 2 * before < bytes) {
            before += blocks.get(half++).remaining();
        }
        return half;
    }
}
