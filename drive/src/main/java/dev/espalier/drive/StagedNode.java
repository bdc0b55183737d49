package dev.espalier.drive;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tree node that is being changed. Refs are objects: operations move them from node to node, and a later operation
 * that rewrites a node gives its ref a new place, by which the block that held it before knows (drive specification
 * §1.7).
 *
 * <p><b>Threading:</b> one thread.
 */
final class StagedNode implements TreeNode {

    /** A key by the block that holds it. */
    static final class KeyRef {
        final long seq;
        byte @Nullable [] key;

        KeyRef(long seq, byte @Nullable [] key) {
            this.seq = seq;
            this.key = key;
        }
    }

    /** A child by block and level, and, once it was visited, the node itself. */
    static final class ChildRef {
        long seq;
        long offset;

        @Nullable
        StagedNode node;

        ChildRef(long seq, long offset, @Nullable StagedNode node) {
            this.seq = seq;
            this.offset = offset;
            this.node = node;
        }
    }

    private final TreeEditor editor;
    final List<KeyRef> keys = new ArrayList<>(MAX_KEYS + 1);
    final List<ChildRef> children;
    boolean changed;

    private StagedNode(TreeEditor editor, List<ChildRef> children) {
        this.editor = editor;
        this.children = children;
    }

    /** A new node, to be written. */
    static StagedNode fresh(TreeEditor editor, boolean leaf) {
        StagedNode node = new StagedNode(editor, leaf ? List.of() : new ArrayList<>(MAX_KEYS + 2));
        node.changed = true;
        return node;
    }

    /** A node of a block, to be changed perhaps. */
    static StagedNode of(TreeEditor editor, StoredNode stored) {
        StagedNode node =
                new StagedNode(editor, stored.isLeaf() ? List.of() : new ArrayList<>(stored.childCount() + 1));
        for (int i = 0; i < stored.keyCount(); i++) {
            node.keys.add(new KeyRef(stored.keySeq(i), null));
        }
        for (int i = 0; i < stored.childCount(); i++) {
            node.children.add(new ChildRef(stored.childSeq(i), stored.childOffset(i), null));
        }
        return node;
    }

    @Override
    public int keyCount() {
        return keys.size();
    }

    @Override
    public byte[] key(int index) {
        KeyRef ref = keys.get(index);
        byte[] key = ref.key;
        if (key == null) {
            key = editor.blocks().block(ref.seq).key();
            ref.key = key;
        }
        return key;
    }

    @Override
    public TreeItem item(int index) {
        return editor.item(keys.get(index).seq);
    }

    @Override
    public boolean isLeaf() {
        return children.isEmpty();
    }

    @Override
    public TreeNode child(int index) {
        ChildRef ref = children.get(index);
        return ref.node != null ? ref.node : editor.blocks().node(ref.seq, ref.offset);
    }

    /** A child that is going to be changed, perhaps: kept in memory from now on. */
    StagedNode edit(int index) {
        ChildRef ref = children.get(index);
        StagedNode node = ref.node;
        if (node == null) {
            node = of(editor, editor.blocks().node(ref.seq, ref.offset));
            ref.node = node;
        }
        return node;
    }

    /** Index of {@code child} among the children, which it is one of. */
    int indexOf(StagedNode child) {
        for (int i = 0; i < children.size(); i++) {
            if (children.get(i).node == child) {
                return i;
            }
        }
        throw new IllegalStateException("not a child");
    }

    /** Puts a key at {@code slot}, and the node that comes after it, if any; true when the node is too large now. */
    boolean insert(int slot, KeyRef key, @Nullable StagedNode after) {
        keys.add(slot, key);
        if (after != null) {
            children.add(slot + 1, new ChildRef(0, 0, after));
        }
        changed = true;
        return keys.size() > MAX_KEYS;
    }

    /** Moves the greater half of a node that is too large into a new one, which is returned. The median stays last here. */
    StagedNode splitRight() {
        int half = keys.size() / 2;
        StagedNode right = fresh(editor, isLeaf());
        List<KeyRef> moved = keys.subList(keys.size() - half, keys.size());
        right.keys.addAll(moved);
        moved.clear();
        if (!isLeaf()) {
            List<ChildRef> movedChildren = children.subList(children.size() - half - 1, children.size());
            right.children.addAll(movedChildren);
            movedChildren.clear();
        }
        changed = true;
        return right;
    }

    /** Takes the key at {@code slot} away, and the child after it, which is marked as gone. */
    void remove(int slot) {
        keys.remove(slot);
        if (!isLeaf()) {
            children.remove(slot + 1).seq = 0;
        }
        changed = true;
    }

    /** Appends a key and all of {@code right}. */
    void absorb(KeyRef median, StagedNode right) {
        changed = true;
        keys.add(median);
        keys.addAll(right.keys);
        if (!isLeaf()) {
            children.addAll(right.children);
        }
    }

    /** Gives each changed node below this one its place in block {@code seq}: depth first, parents first. */
    int place(List<@Nullable ChildRef> levels, long seq) {
        int level = levels.size();
        levels.add(null);
        changed = false;
        for (ChildRef child : children) {
            if (child.node != null && child.node.changed) {
                child.seq = seq;
                child.offset = child.node.place(levels, seq);
                levels.set((int) child.offset, child);
            }
        }
        return level;
    }
}
