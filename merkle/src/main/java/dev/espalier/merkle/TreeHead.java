package dev.espalier.merkle;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A head of a log: everything that follows from its newest signed state.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param fork how often the log was truncated, 0 for most
 * @param roots roots of the tree, left to right
 * @param length number of blocks
 * @param byteLength stored bytes of all blocks
 * @param treeHash {@code H(02 ‖ roots)}, what is signed
 * @param signature signature field as it travels; null for an empty or static log. Not copied: do not change it
 */
@SuppressWarnings("ArrayRecordComponent") // as it travels; compared by tree hash, never by record equality
public record TreeHead(
        long fork, List<TreeNode> roots, long length, long byteLength, Hash treeHash, byte @Nullable [] signature) {

    /** The head of a log in which nothing was ever written. */
    public static final TreeHead EMPTY = of(0, List.of(), null);

    /** A head whose length, byte length and tree hash are computed from its roots. */
    public static TreeHead of(long fork, List<TreeNode> roots, byte @Nullable [] signature) {
        long bytes = 0;
        long length = 0;
        for (TreeNode root : roots) {
            bytes = TreeHashes.addSizes(bytes, root.size());
            length += FlatTree.leafCount(root.index());
        }
        return new TreeHead(fork, List.copyOf(roots), length, bytes, TreeHashes.tree(roots), signature);
    }
}
