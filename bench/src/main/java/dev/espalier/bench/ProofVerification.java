package dev.espalier.bench;

import dev.espalier.merkle.Blake2b;
import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.NodeSource;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.ProofVerifier;
import dev.espalier.merkle.Prover;
import dev.espalier.merkle.Signatures;
import dev.espalier.merkle.TreeHead;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** How long does it take to prove one random block of 131072, and to verify the proof? */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Thread)
public class ProofVerification extends Measured {

    /** Block size in bytes. */
    @Param({"1024", "65536"})
    public int blockSize;

    private final SplittableRandom random = new SplittableRandom(17);
    private final Blake2b hash = new Blake2b(Hash.BYTES);
    private final byte[] parent = new byte[1 + Long.BYTES + 2 * Hash.BYTES];
    private MemoryTree tree;
    private ProofVerifier verifier;
    private NodeSource rootOnly;
    private byte[] signable;
    private byte[] signature;

    /** Makes and signs the tree. */
    @Setup
    public void makeTree() {
        tree = new MemoryTree(blockSize);
        verifier = new ProofVerifier(tree.signers().key(), tree.signers().manifest());
        rootOnly = index -> index == tree.root().index() ? tree.root() : null;
        TreeHead head = tree.head();
        signable = tree.signers().signable(head.treeHash(), head.length(), head.fork());
        signature = tree.writer().sign(signable);
    }

    /** The nodes of a proof, from a tree in memory. */
    @Benchmark
    public Proof prove() {
        return proofOf(random.nextInt(MemoryTree.BLOCKS));
    }

    /** Proves a block to a reader that already has the head, who verifies it. */
    @Benchmark
    public Object proveAndVerify() {
        int index = random.nextInt(MemoryTree.BLOCKS);
        Proof proof = proofOf(index).withValue(tree.block(index));
        return Objects.requireNonNull(verifier.verify(rootOnly, tree.head(), proof));
    }

    /** Proves a block to a reader that has nothing but the key, who verifies it and the head's signature. */
    @Benchmark
    public Object proveAndVerifyFromKey() {
        int index = random.nextInt(MemoryTree.BLOCKS);
        ProofRequest request = new ProofRequest(
                new ProofRequest.Node(index, 0), null, null, new ProofRequest.Upgrade(0, MemoryTree.BLOCKS), false);
        Proof proof = Prover.prove(tree, tree.head(), null, request).withValue(tree.block(index));
        return Objects.requireNonNull(verifier.verify(at -> null, TreeHead.EMPTY, proof));
    }

    /** The hashes that no verifier of a block can avoid: the leaf and 17 parents. */
    @Benchmark
    public byte[] baselineHashPath() {
        int index = random.nextInt(MemoryTree.BLOCKS);
        ByteBuffer block = tree.block(index);
        hash.update((byte) 0).update(parent, 1, Long.BYTES).update(block);
        hash.digest(parent, 1 + Long.BYTES);
        long node = 2L * index;
        for (int level = 0; level < MemoryTree.DEPTH; level++) {
            tree.node(FlatTree.sibling(node)).hash().copyTo(parent, 1 + Long.BYTES + Hash.BYTES);
            hash.update(parent);
            hash.digest(parent, 1 + Long.BYTES);
            node = FlatTree.parent(node);
        }
        return parent;
    }

    /** The one signature check that no reader of a new head can avoid. */
    @Benchmark
    public boolean baselineSignature() {
        return Signatures.verify(signature, signable, tree.writer().publicKey());
    }

    private Proof proofOf(int index) {
        ProofRequest request =
                new ProofRequest(new ProofRequest.Node(index, MemoryTree.DEPTH), null, null, null, false);
        return Prover.prove(tree, tree.head(), null, request);
    }
}
