package dev.espalier.bench;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.TreeHashes;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** How many blocks a second become leaf hashes, and how does that compare with Bouncy Castle's bare BLAKE2b? */
@BenchmarkMode(Mode.Throughput)
@State(Scope.Thread)
public class LeafHashing extends Measured {

    /** Block size in bytes. */
    @Param({"1024", "65536"})
    public int blockSize;

    private Blocks onHeap;
    private Blocks direct;
    private final Blake2bDigest bouncyCastle = new Blake2bDigest(256);
    private final byte[] digest = new byte[Hash.BYTES];

    /** Makes the blocks. */
    @Setup
    public void makeBlocks() {
        onHeap = new Blocks(blockSize, false);
        direct = new Blocks(blockSize, true);
    }

    /** A leaf from a block in a Java array. */
    @Benchmark
    public Hash leafOfArray() {
        return TreeHashes.leaf(onHeap.next());
    }

    /** A leaf from a block outside the heap, as blocks of the mapped file are. */
    @Benchmark
    public Hash leafOfDirectBuffer() {
        return TreeHashes.leaf(direct.next());
    }

    /** BLAKE2b-256 of the same bytes by Bouncy Castle, without the leaf's prefix and with nothing allocated. */
    @Benchmark
    public byte[] baselineBouncyCastle() {
        byte[] block = onHeap.nextArray();
        bouncyCastle.update(block, 0, block.length);
        bouncyCastle.doFinal(digest, 0);
        return digest;
    }
}
