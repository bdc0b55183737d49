package dev.espalier.drive;

import dev.espalier.drive.StagedNode.ChildRef;
import dev.espalier.drive.StagedNode.KeyRef;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Puts and deletes on a tree in memory, and the blocks that come of them, byte for byte those of Hyperbee 2 (drive
 * specification §1.4-§1.7). One operation makes one block.
 *
 * <p>Only nodes on the paths of changed keys are in memory.
 *
 * <p><b>Threading:</b> one thread.
 */
final class TreeEditor {

    private static final int MIN_KEYS = 4;

    /** An operation that waits to be written. */
    private static final class StagedBlock {
        final long seq;
        final byte[] key;
        final byte @Nullable [] value;

        /** Places of the nodes that this operation changed; the first is the root. */
        final List<@Nullable ChildRef> levels = new ArrayList<>(6);

        StagedBlock(long seq, byte[] key, byte @Nullable [] value) {
            this.seq = seq;
            this.key = key;
            this.value = value;
        }
    }

    private final TreeBlocks blocks;

    /** Length of the log below, the header included. */
    private final long base;

    private final List<StagedBlock> staged = new ArrayList<>();
    private @Nullable StagedNode root;

    TreeEditor(TreeBlocks blocks, long base) {
        this.blocks = blocks;
        this.base = base;
    }

    TreeBlocks blocks() {
        return blocks;
    }

    /** Number of operations not yet written. */
    int size() {
        return staged.size();
    }

    /** The version that writing would make. */
    long version() {
        return base + staged.size();
    }

    /** The root with all operations done; null when there was never a key. */
    @Nullable
    StagedNode root() {
        if (root == null) {
            StoredNode stored = blocks.root(base);
            root = stored == null ? null : StagedNode.of(this, stored);
        }
        return root;
    }

    /** The item of a block, staged or stored. */
    TreeItem item(long seq) {
        if (seq < base) {
            return blocks.block(seq).item();
        }
        StagedBlock block = staged.get((int) (seq - base));
        return new TreeItem(seq, block.key, block.value);
    }

    /**
     * Puts a key.
     *
     * @param condition asked with the previous and the next item when the key exists; false refuses
     * @return false when refused
     */
    boolean put(byte[] key, byte @Nullable [] value, @Nullable BiPredicate<TreeItem, TreeItem> condition) {
        long seq = version();
        KeyRef target = new KeyRef(seq, key);
        StagedNode top = root();
        if (top == null) {
            top = StagedNode.fresh(this, true);
        }
        Deque<StagedNode> path = new ArrayDeque<>();
        StagedNode node = top;
        int slot = -1;
        while (!node.isLeaf()) {
            // Marked before comparing: a refused put inside a batch leaves these to be written by the next operation.
            push(path, node).changed = true;
            slot = TreeNode.search(node, key);
            if (slot >= 0) {
                break;
            }
            node = node.edit(-slot - 1);
        }
        if (node.isLeaf()) {
            slot = TreeNode.search(node, key);
        }
        if (slot >= 0) {
            if (condition != null && !condition.test(node.item(slot), new TreeItem(seq, key, value))) {
                return false;
            }
            node.keys.set(slot, target);
            node.changed = true;
        } else if (node.insert(-slot - 1, target, null)) {
            top = split(node, path, top);
        }
        stage(top, key, value);
        return true;
    }

    private StagedNode split(StagedNode overfull, Deque<StagedNode> path, StagedNode top) {
        StagedNode node = overfull;
        while (true) {
            StagedNode right = node.splitRight();
            KeyRef median = node.keys.remove(node.keys.size() - 1);
            StagedNode parent = path.pollLast();
            if (parent == null) {
                StagedNode newRoot = StagedNode.fresh(this, false);
                newRoot.keys.add(median);
                newRoot.children.add(new ChildRef(0, 0, node));
                newRoot.children.add(new ChildRef(0, 0, right));
                return newRoot;
            }
            if (!parent.insert(parent.indexOf(node), median, right)) {
                return top;
            }
            node = parent;
        }
    }

    /**
     * Deletes a key.
     *
     * @param condition asked with the item when the key exists; false refuses
     * @return false when there is no such key, or when refused
     */
    boolean delete(byte[] key, @Nullable Predicate<TreeItem> condition) {
        StagedNode node = root();
        if (node == null) {
            return false;
        }
        Deque<StagedNode> path = new ArrayDeque<>();
        while (true) {
            push(path, node);
            int slot = TreeNode.search(node, key);
            if (slot >= 0) {
                if (condition != null && !condition.test(node.item(slot))) {
                    return false;
                }
                if (node.isLeaf()) {
                    node.remove(slot);
                } else {
                    replaceByNearest(node, slot, path);
                }
                for (StagedNode passed : path) {
                    passed.changed = true;
                }
                stage(rebalance(path), key, null);
                return true;
            }
            if (node.isLeaf()) {
                return false;
            }
            node = node.edit(-slot - 1);
        }
    }

    /** Fills the place of an inner node's key from the leaf beside it that has more keys, the left one if equal. */
    private static void replaceByNearest(StagedNode node, int slot, Deque<StagedNode> path) {
        boolean takeRight = edgeLeaf(node.edit(slot), true).keyCount()
                < edgeLeaf(node.edit(slot + 1), false).keyCount();
        StagedNode child = push(path, node.edit(takeRight ? slot + 1 : slot));
        while (!child.isLeaf()) {
            child = push(path, child.edit(takeRight ? 0 : child.children.size() - 1));
        }
        node.keys.set(slot, child.keys.remove(takeRight ? 0 : child.keys.size() - 1));
    }

    private static StagedNode edgeLeaf(StagedNode top, boolean rightmost) {
        StagedNode node = top;
        for (int depth = 0; !node.isLeaf(); depth++) {
            checkDepth(depth);
            node = node.edit(rightmost ? node.children.size() - 1 : 0);
        }
        if (node.keyCount() == 0) {
            throw Failures.corrupt("The tree has an empty leaf below its root.");
        }
        return node;
    }

    /** Fills up nodes that have too few keys, from the bottom; returns the root, which may be another one then. */
    private static StagedNode rebalance(Deque<StagedNode> path) {
        StagedNode top = path.getFirst();
        while (path.size() > 1) {
            StagedNode node = path.removeLast();
            StagedNode parent = path.getLast();
            if (node.keyCount() >= MIN_KEYS) {
                return top;
            }
            int index = parent.indexOf(node);
            StagedNode left = index > 0 ? parent.edit(index - 1) : null;
            StagedNode right = index < parent.children.size() - 1 ? parent.edit(index + 1) : null;
            if (left != null && left.keyCount() > MIN_KEYS) {
                left.changed = true;
                node.keys.add(0, parent.keys.get(index - 1));
                if (!left.isLeaf()) {
                    node.children.add(0, left.children.remove(left.children.size() - 1));
                }
                parent.keys.set(index - 1, left.keys.remove(left.keys.size() - 1));
                return top;
            }
            if (right != null && right.keyCount() > MIN_KEYS) {
                right.changed = true;
                node.keys.add(parent.keys.get(index));
                if (!right.isLeaf()) {
                    node.children.add(right.children.remove(0));
                }
                parent.keys.set(index, right.keys.remove(0));
                return top;
            }
            if (left != null) {
                left.absorb(parent.keys.get(index - 1), node);
                parent.remove(index - 1);
            } else if (right != null) {
                node.absorb(parent.keys.get(index), right);
                parent.remove(index);
            } else {
                throw Failures.corrupt("The tree has an inner node with one child.");
            }
        }
        return top.keys.isEmpty() && !top.isLeaf() ? top.edit(0) : top;
    }

    private static StagedNode push(Deque<StagedNode> path, StagedNode node) {
        checkDepth(path.size());
        path.addLast(node);
        return node;
    }

    private static void checkDepth(int depth) {
        if (depth >= TreeNode.MAX_DEPTH) {
            throw Failures.corrupt("The tree is deeper than " + TreeNode.MAX_DEPTH + " levels.");
        }
    }

    private void stage(StagedNode top, byte[] key, byte @Nullable [] value) {
        StagedBlock block = new StagedBlock(version(), key, value);
        top.place(block.levels, block.seq);
        block.levels.set(0, new ChildRef(block.seq, 0, top));
        staged.add(block);
        root = top;
    }

    /** The blocks of all operations. The editor is of no use after this. */
    List<ByteBuffer> encode() {
        List<ByteBuffer> encoded = new ArrayList<>(staged.size());
        int last = staged.size() - 1;
        for (int i = 0; i <= last; i++) {
            StagedBlock block = staged.get(i);
            if (i < last) {
                thin(block);
            }
            encoded.add(ByteBuffer.wrap(TreeBlock.encode(index(block.levels), block.key, block.value)));
        }
        return encoded;
    }

    /** Drops from a block what later operations of the batch rewrote; the last place fills each gap, as in JavaScript. */
    private static void thin(StagedBlock block) {
        List<@Nullable ChildRef> levels = block.levels;
        levels.set(0, null);
        int kept = 0;
        while (kept < levels.size()) {
            ChildRef ref = levels.get(kept);
            if (ref != null && ref.seq == block.seq) {
                ref.offset = kept++;
                continue;
            }
            ChildRef moved = levels.remove(levels.size() - 1);
            if (kept < levels.size()) {
                levels.set(kept, moved);
            }
        }
    }

    private static byte[] index(List<@Nullable ChildRef> levels) {
        WireWriter out = new WireWriter(64);
        for (ChildRef ref : levels) {
            StagedNode node = ref == null ? null : ref.node;
            if (node == null) {
                throw new IllegalStateException("a level without node");
            }
            int keyBytes = 0;
            for (KeyRef key : node.keys) {
                keyBytes += WireWriter.varintLength(key.seq);
            }
            int childBytes = 0;
            for (ChildRef child : node.children) {
                childBytes += WireWriter.varintLength(child.seq) + WireWriter.varintLength(child.offset);
            }
            out.field(1, fieldLength(keyBytes) + fieldLength(childBytes));
            if (keyBytes > 0) {
                out.field(1, keyBytes);
                for (KeyRef key : node.keys) {
                    out.varint(key.seq);
                }
            }
            if (childBytes > 0) {
                out.field(2, childBytes);
                for (ChildRef child : node.children) {
                    out.varint(child.seq).varint(child.offset);
                }
            }
        }
        return out.toByteArray();
    }

    private static int fieldLength(int bytes) {
        return bytes == 0 ? 0 : 1 + WireWriter.varintLength(bytes) + bytes;
    }
}
