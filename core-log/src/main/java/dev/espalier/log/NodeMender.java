package dev.espalier.log;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.NodeSource;
import dev.espalier.merkle.TreeHashes;
import dev.espalier.merkle.TreeNode;
import dev.espalier.merkle.VerificationException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what nodes must be from what is stored around them. A node can be had in four ways: as it is stored, from its
 * stored children, from the stored leaves below it, and from the held blocks below it. Which of these is right, a trusted
 * parent decides.
 *
 * <p>Takes one step where all is well, else hashes what lies below the node in question. <b>Threading:</b> as its sources.
 */
final class NodeMender {

    private final NodeSource nodes;
    private final BlockBytes blocks;

    /** Gives the stored bytes of held blocks. */
    interface BlockBytes {

        /** A view of a block; null when it is not held, or its entry leads nowhere. */
        @Nullable
        ByteBuffer get(long block);
    }

    /** A left and a right child. */
    record Pair(TreeNode left, TreeNode right) {}

    NodeMender(NodeSource nodes, BlockBytes blocks) {
        this.nodes = nodes;
        this.blocks = blocks;
    }

    /** The parent of two siblings; null when their sizes are such that they cannot have one. */
    static @Nullable TreeNode parentOf(TreeNode left, TreeNode right) {
        try {
            return TreeHashes.parent(left, right);
        } catch (VerificationException e) {
            return null; // Damaged sizes.
        }
    }

    /** The children of a trusted node, as they are stored or as they must be; null when nothing stored gives them. */
    @Nullable
    Pair childrenOf(TreeNode parent) {
        TreeNode left = nodes.node(FlatTree.leftChild(parent.index()));
        TreeNode right = nodes.node(FlatTree.rightChild(parent.index()));
        if (left != null && right != null && parent.equals(parentOf(left, right))) {
            return new Pair(left, right);
        }
        List<TreeNode> rights = candidates(FlatTree.rightChild(parent.index()));
        for (TreeNode one : rights.isEmpty() ? List.<TreeNode>of() : candidates(FlatTree.leftChild(parent.index()))) {
            for (TreeNode other : rights) {
                if (parent.equals(parentOf(one, other))) {
                    return new Pair(one, other);
                }
            }
        }
        return null;
    }

    /** All that a node may be by what is stored, each once. */
    private List<TreeNode> candidates(long index) {
        List<TreeNode> found = new ArrayList<>(4);
        add(found, nodes.node(index));
        if (FlatTree.depth(index) > 0) {
            TreeNode left = nodes.node(FlatTree.leftChild(index));
            TreeNode right = nodes.node(FlatTree.rightChild(index));
            add(found, left == null || right == null ? null : parentOf(left, right));
            add(found, fromLeaves(index));
        }
        add(found, fromBlocks(index));
        return found;
    }

    private static void add(List<TreeNode> found, @Nullable TreeNode node) {
        if (node != null && !found.contains(node)) {
            found.add(node);
        }
    }

    private @Nullable TreeNode fromLeaves(long index) {
        if (FlatTree.depth(index) == 0) {
            return nodes.node(index);
        }
        TreeNode left = fromLeaves(FlatTree.leftChild(index));
        TreeNode right = left == null ? null : fromLeaves(FlatTree.rightChild(index));
        return left == null || right == null ? null : parentOf(left, right);
    }

    private @Nullable TreeNode fromBlocks(long index) {
        if (FlatTree.depth(index) == 0) {
            ByteBuffer bytes = blocks.get(index / 2);
            return bytes == null ? null : new TreeNode(index, bytes.remaining(), TreeHashes.leaf(bytes));
        }
        TreeNode left = fromBlocks(FlatTree.leftChild(index));
        TreeNode right = left == null ? null : fromBlocks(FlatTree.rightChild(index));
        return left == null || right == null ? null : parentOf(left, right);
    }
}
