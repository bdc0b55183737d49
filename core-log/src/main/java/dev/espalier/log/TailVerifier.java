package dev.espalier.log;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.TreeHashes;
import dev.espalier.merkle.TreeNode;

/**
 * Part of selecting a head after an unclean stop: hashes the blocks that were appended since the last forced head again,
 * and their nodes up to the roots, which the signature covers.
 */
final class TailVerifier {

    private static final long MAX_SIZE = (1L << 53) - 1;

    private TailVerifier() {}

    /** What is wrong with blocks {@code from} to {@code length - 1}, in words; empty when all of them hold. */
    static String verdict(LogFiles files, long from, long length) {
        for (long block = Math.max(0, from); block < length; block++) {
            if (!files.bits().get(block) || !holds(files, block)) {
                return "block " + block + " of " + length + " is not there";
            }
        }
        for (int depth = 1; 1L << depth <= length; depth++) {
            for (long offset = Math.max(0, from) >> depth; offset < length >> depth; offset++) {
                if (!isParent(files.tree(), FlatTree.index(depth, offset))) {
                    return "node " + FlatTree.index(depth, offset) + " is not that of its children";
                }
            }
        }
        return "";
    }

    /** Whether the bytes that a block's entry leads to hash to its leaf. */
    static boolean holds(LogFiles files, long block) {
        long offset = files.entries().offset(block);
        int length = files.entries().length(block);
        TreeNode leaf = files.tree().hashedNode(2 * block);
        return leaf != null
                && leaf.size() == length
                && files.data().isValid(offset, length)
                && TreeHashes.leaf(files.data().view(offset, length)).equals(leaf.hash());
    }

    /** Whether a node and both its children are stored, and fit. */
    static boolean isParent(TreeFile tree, long index) {
        TreeNode parent = tree.hashedNode(index);
        TreeNode left = tree.hashedNode(FlatTree.leftChild(index));
        TreeNode right = tree.hashedNode(FlatTree.rightChild(index));
        return parent != null
                && left != null
                && right != null
                && left.size() + right.size() == parent.size()
                && parent.size() <= MAX_SIZE // Sizes that cannot be hashed.
                && TreeHashes.parent(left, right).equals(parent);
    }
}
