package dev.espalier.merkle;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A log in memory: stored nodes, blocks and head, as much of a log as computing proofs needs. */
final class MemoryLog implements NodeSource {

    final TreeMap<Long, TreeNode> nodes = new TreeMap<>();
    final TreeMap<Long, ByteBuffer> blocks = new TreeMap<>();
    final Key key;
    Manifest manifest;
    TreeHead head = TreeHead.EMPTY;

    private MemoryLog(Key key, Manifest manifest) {
        this.key = key;
        this.manifest = manifest;
    }

    /** An empty log whose only signer is {@code pair}. */
    static MemoryLog of(KeyPair pair) {
        Manifest manifest = Manifest.singleSigner(pair.publicKey());
        return new MemoryLog(manifest.key(), manifest);
    }

    /** An empty log with a manifest that is known. */
    static MemoryLog of(Manifest manifest) {
        return new MemoryLog(manifest.key(), manifest);
    }

    /** An empty log of which nothing but the key is known. */
    static MemoryLog reader(Key key) {
        return new MemoryLog(key, null);
    }

    /** The log of the vectors with {@code length} blocks, signed by {@code pair}. */
    static MemoryLog vectors(KeyPair pair, int length) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            blocks.add(Vectors.block(i));
        }
        return of(pair).append(pair, blocks);
    }

    MemoryLog append(KeyPair pair, List<ByteBuffer> more) {
        TreeBatch batch = new TreeBatch(head);
        for (ByteBuffer block : more) {
            blocks.put(batch.length(), block);
            batch.append(block);
        }
        for (int i = 0; i < batch.nodeCount(); i++) {
            Hash hash = Hash.of(batch.nodeHashes(), i * Hash.BYTES);
            nodes.put(batch.nodeIndex(i), new TreeNode(batch.nodeIndex(i), batch.nodeSize(i), hash));
        }
        head = batch.head(sign(pair, batch.treeHash(), batch.length(), head.fork()));
        return this;
    }

    MemoryLog truncate(KeyPair pair, long length, long fork) {
        List<TreeNode> roots = new ArrayList<>();
        for (long root : FlatTree.roots(length)) {
            roots.add(nodes.get(root));
        }
        forget(length);
        head = TreeHead.of(fork, roots, sign(pair, TreeHashes.tree(roots), length, fork));
        return this;
    }

    /** Drops what lies beyond {@code length} blocks, as a truncation or reorg does. */
    void forget(long length) {
        nodes.keySet().removeIf(index -> FlatTree.endBlock(index) > length);
        blocks.tailMap(length).clear();
    }

    private byte[] sign(KeyPair pair, Hash treeHash, long length, long fork) {
        return HeadVerifier.of(key, manifest).sign(pair, treeHash, length, fork);
    }

    Proof prove(ProofRequest request) {
        Prologue prologue = manifest == null ? null : manifest.prologue();
        Proof proof = Prover.prove(this, head, prologue, request);
        if (proof.block() != null) {
            proof = proof.withValue(blocks.get(proof.block().index()));
        }
        return request.manifest() ? proof.withManifest(manifest) : proof;
    }

    /** Applies a proof that holds. False when it is of another fork. */
    boolean apply(Proof proof) {
        ProofVerifier.Verified verified = new ProofVerifier(key, manifest).verify(this, head, proof);
        if (verified == null) {
            return false;
        }
        verified.nodes().forEach(node -> nodes.put(node.index(), node));
        if (proof.block() != null) {
            blocks.put(proof.block().index(), proof.block().value());
        }
        if (verified.head() != null) {
            head = verified.head();
        }
        if (verified.manifest() != null) {
            manifest = verified.manifest();
        }
        return true;
    }

    @Override
    public TreeNode node(long index) {
        return nodes.get(index);
    }
}
