package dev.espalier.log;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.NodeSource;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocks as they are stored, with the tree over them, that stay what they are.
 *
 * <p><b>Threading:</b> any thread.
 */
interface StoredBlocks extends NodeSource {

    TreeHead head();

    /**
     * A read-only view of a block that stays valid as long as it is reachable, but loses its content when the block is given
     * up, unless the caller has entered the log's {@link ViewCount}; null when it is not held.
     */
    @Nullable
    ByteBuffer block(long index);

    /** The roots of the tree at {@code length}, or null when the tree is shorter or one of them is not stored. */
    default @Nullable List<TreeNode> roots(long length) {
        return length < 0 || length > head().length() ? null : roots(this, length);
    }

    /** The roots of the tree at {@code length}; null when one is not stored. */
    static @Nullable List<TreeNode> roots(NodeSource nodes, long length) {
        List<TreeNode> roots = new ArrayList<>();
        for (long index : FlatTree.roots(length)) {
            TreeNode root = nodes.node(index);
            if (root == null) {
                return null;
            }
            roots.add(root);
        }
        return roots;
    }
}
