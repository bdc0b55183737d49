package dev.espalier.drive;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks one side of a comparison of two versions: stands on a key or on a child not yet entered, and can skip either
 * without loading it (drive specification §1.10).
 *
 * <p>Each node on the stack stands on its own current position, and its parent already on the one after it.
 *
 * <p><b>Threading:</b> one thread.
 */
final class DiffCursor {

    private final StoredNode[] nodes = new StoredNode[TreeNode.MAX_DEPTH];
    private final int[] positions = new int[TreeNode.MAX_DEPTH];
    private int depth;

    /** The lower end, until the path to it was walked down. */
    private byte @Nullable [] seeking;

    private final boolean inclusive;
    private byte @Nullable [] lastKey;

    DiffCursor(@Nullable StoredNode root, KeyRange range) {
        this.seeking = range.lower;
        this.inclusive = range.lowerInclusive;
        if (root != null) {
            push(root);
        }
    }

    private void push(StoredNode node) {
        if (depth == TreeNode.MAX_DEPTH) {
            throw Failures.corrupt("The tree is deeper than " + TreeNode.MAX_DEPTH + " levels.");
        }
        nodes[depth] = node;
        positions[depth++] = start(node);
    }

    private int start(StoredNode node) {
        byte[] bound = seeking;
        if (bound == null) {
            return node.isLeaf() ? 1 : 0;
        }
        int slot = TreeNode.search(node, bound);
        if (slot >= 0) {
            seeking = null;
            return inclusive ? 2 * slot + 1 : 2 * slot + (node.isLeaf() ? 3 : 2);
        }
        if (node.isLeaf()) {
            seeking = null;
            return 2 * (-slot - 1) + 1;
        }
        return 2 * (-slot - 1);
    }

    /** Leaves nodes that are through; false when nothing is left. */
    boolean settle() {
        while (depth > 0 && positions[depth - 1] > 2 * node().keyCount()) {
            depth--;
        }
        return depth > 0;
    }

    private StoredNode node() {
        return nodes[depth - 1];
    }

    private int index() {
        return positions[depth - 1] / 2;
    }

    boolean onKey() {
        return (positions[depth - 1] & 1) == 1;
    }

    /** Whether both stand on the same key or the same subtree. */
    boolean standsWith(DiffCursor other) {
        if (onKey() != other.onKey()) {
            return false;
        }
        return onKey()
                ? node().keySeq(index()) == other.node().keySeq(other.index())
                : node().childSeq(index()) == other.node().childSeq(other.index())
                        && node().childOffset(index()) == other.node().childOffset(other.index());
    }

    /** Steps over the key or the subtree. */
    void skip() {
        seeking = null;
        positions[depth - 1] += node().isLeaf() ? 2 : 1;
    }

    /** Enters the child it stands on. */
    void descend() {
        StoredNode child = node().child(index());
        positions[depth - 1]++;
        push(child);
    }

    /** Takes the key it stands on. */
    TreeItem take() {
        TreeItem item = node().item(index());
        byte[] last = lastKey;
        if (last != null && Arrays.compareUnsigned(last, item.key()) >= 0) {
            throw Failures.corrupt("The keys of the tree are out of order.");
        }
        lastKey = item.key();
        skip();
        return item;
    }

    /** The key it stands on, or the one that follows the child it stands on; null when none does. */
    byte @Nullable [] bound() {
        for (int i = depth - 1; i >= 0; i--) {
            int index = positions[i] / 2;
            if (index < nodes[i].keyCount()) {
                return nodes[i].key(index);
            }
        }
        return null;
    }
}
