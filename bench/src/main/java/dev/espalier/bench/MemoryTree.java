package dev.espalier.bench;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.NodeSource;
import dev.espalier.merkle.TreeHashes;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A signed tree of 2^17 blocks in memory. Block {@code i} has the bytes of block {@code i % 64}, so that blocks of 64 KiB,
 * too, fit: a proof costs the same.
 */
final class MemoryTree implements NodeSource {

    /** Levels above the leaves. */
    static final int DEPTH = 17;

    /** Number of blocks. */
    static final int BLOCKS = 1 << DEPTH;

    private static final int DIFFERENT = 64;

    private final ByteBuffer[] blocks = new ByteBuffer[DIFFERENT];
    private final TreeNode[] nodes = new TreeNode[2 * BLOCKS - 1];
    private final KeyPair writer = KeyPair.fromSeed(new byte[KeyPair.BYTES]);
    private final HeadVerifier signers;
    private final TreeHead head;

    MemoryTree(int blockSize) {
        Blocks source = new Blocks(blockSize, false);
        Hash[] leaves = new Hash[DIFFERENT];
        for (int i = 0; i < DIFFERENT; i++) {
            blocks[i] = source.next();
            leaves[i] = TreeHashes.leaf(blocks[i]);
        }
        for (int i = 0; i < BLOCKS; i++) {
            nodes[2 * i] = new TreeNode(2L * i, blockSize, leaves[i % DIFFERENT]);
        }
        for (int half = 1; half < BLOCKS; half *= 2) {
            for (int parent = 2 * half - 1; parent < nodes.length; parent += 4 * half) {
                nodes[parent] = TreeHashes.parent(nodes[parent - half], nodes[parent + half]);
            }
        }
        Manifest manifest = Manifest.singleSigner(writer.publicKey());
        signers = HeadVerifier.of(manifest.key(), manifest);
        List<TreeNode> roots = List.of(root());
        head = TreeHead.of(0, roots, signers.sign(writer, TreeHashes.tree(roots), BLOCKS, 0));
    }

    @Override
    public TreeNode node(long index) {
        return nodes[Math.toIntExact(index)];
    }

    /** The only root. */
    TreeNode root() {
        return nodes[BLOCKS - 1];
    }

    /** The signed head. */
    TreeHead head() {
        return head;
    }

    /** Who signed the head. */
    KeyPair writer() {
        return writer;
    }

    /** Who may sign the head. */
    HeadVerifier signers() {
        return signers;
    }

    /** The bytes of a block. */
    ByteBuffer block(int index) {
        return blocks[index % DIFFERENT].duplicate();
    }
}
