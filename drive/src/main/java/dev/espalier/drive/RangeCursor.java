package dev.espalier.drive;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Walks the keys of a tree in order. Positions in a node count 0 child, 1 key, 2 child, and so on.
 *
 * <p>Keys that do not ascend end the walk with {@code ERR_CORRUPT}, so a tree that goes in circles is noticed at the
 * first key that comes again.
 *
 * <p><b>Threading:</b> one thread.
 */
final class RangeCursor implements Iterator<TreeItem> {

    private final KeyRange range;
    private final TreeNode[] nodes = new TreeNode[TreeNode.MAX_DEPTH];
    private final int[] positions = new int[TreeNode.MAX_DEPTH];
    private int depth;
    private long left;
    private byte @Nullable [] lastKey;
    private @Nullable TreeItem next;

    RangeCursor(@Nullable TreeNode root, KeyRange range) {
        this.range = range;
        this.left = range.limit < 0 ? Long.MAX_VALUE : range.limit;
        if (root != null && left > 0) {
            seek(root);
        }
    }

    private void seek(TreeNode root) {
        byte[] start = range.reverse ? range.upper : range.lower;
        boolean inclusive = range.reverse ? range.upperInclusive : range.lowerInclusive;
        if (start == null) {
            push(root, firstPosition(root));
            return;
        }
        TreeNode node = root;
        while (true) {
            int slot = TreeNode.search(node, start);
            if (slot >= 0) {
                push(node, inclusive ? 2 * slot + 1 : range.reverse ? 2 * slot : 2 * slot + 2);
                return;
            }
            int child = -slot - 1;
            push(node, range.reverse ? 2 * child - 1 : 2 * child + 1);
            if (node.isLeaf()) {
                return;
            }
            node = node.child(child);
        }
    }

    private int firstPosition(TreeNode node) {
        return range.reverse ? 2 * node.keyCount() : 0;
    }

    private void push(TreeNode node, int position) {
        if (depth == TreeNode.MAX_DEPTH) {
            throw Failures.corrupt("The tree is deeper than " + TreeNode.MAX_DEPTH + " levels.");
        }
        nodes[depth] = node;
        positions[depth++] = position;
    }

    @Override
    public boolean hasNext() {
        if (next == null && left > 0) {
            next = advance();
        }
        return next != null;
    }

    @Override
    public TreeItem next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        TreeItem item = next;
        next = null;
        left--;
        return item;
    }

    private @Nullable TreeItem advance() {
        while (depth > 0) {
            TreeNode node = nodes[depth - 1];
            int position = positions[depth - 1];
            if (position < 0 || position > 2 * node.keyCount()) {
                depth--;
                continue;
            }
            positions[depth - 1] = range.reverse ? position - 1 : position + 1;
            if ((position & 1) == 0) {
                if (!node.isLeaf()) {
                    TreeNode child = node.child(position / 2);
                    push(child, firstPosition(child));
                }
                continue;
            }
            TreeItem item = node.item(position / 2);
            checkOrder(item.key());
            if (range.reverse ? !range.reaches(item.key()) : range.isPast(item.key())) {
                depth = 0;
                return null;
            }
            return item;
        }
        return null;
    }

    private void checkOrder(byte[] key) {
        byte[] last = lastKey;
        if (last != null) {
            int order = Arrays.compareUnsigned(last, key);
            if (range.reverse ? order <= 0 : order >= 0) {
                throw Failures.corrupt("The keys of the tree are out of order.");
            }
        }
        lastKey = key;
    }
}
