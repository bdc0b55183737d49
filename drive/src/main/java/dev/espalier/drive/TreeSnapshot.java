package dev.espalier.drive;

import org.jspecify.annotations.Nullable;

/**
 * One version of a {@link BTree}. Only ends of batches are versions: reading another one fails with {@code
 * ERR_NOT_FOUND} or shows a fragment of the tree.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class TreeSnapshot implements TreeView {

    private final TreeBlocks blocks;
    private final long version;

    TreeSnapshot(TreeBlocks blocks, long version) {
        this.blocks = blocks;
        this.version = Math.max(1, version);
    }

    @Override
    public long version() {
        return version;
    }

    @Nullable
    StoredNode root() {
        return blocks.root(version);
    }

    @Override
    public @Nullable TreeItem get(byte[] key) {
        return find(root(), key);
    }

    /** The item of {@code key} below {@code root}. */
    static @Nullable TreeItem find(@Nullable TreeNode root, byte[] key) {
        TreeNode node = root;
        for (int depth = 0; node != null; depth++) {
            if (depth == TreeNode.MAX_DEPTH) {
                throw Failures.corrupt("The tree is deeper than " + TreeNode.MAX_DEPTH + " levels.");
            }
            int slot = TreeNode.search(node, key);
            if (slot >= 0) {
                return node.item(slot);
            }
            node = node.isLeaf() ? null : node.child(-slot - 1);
        }
        return null;
    }

    @Override
    public Iterable<TreeItem> range(KeyRange range) {
        return () -> new RangeCursor(root(), range);
    }

    /** Keys whose block differs between this version (left) and {@code other} (right). */
    Iterable<TreeDiff.Difference> diff(TreeSnapshot other, KeyRange range) {
        return () -> new TreeDiff(root(), other.root(), range);
    }

    /** Changes that led to this version, those inside batches, too. Each iteration reads as it goes. */
    public Iterable<TreeChange> history(HistoryRange range) {
        return () -> new TreeHistory(this, range);
    }

    /** What the block that wrote version {@code seq + 1} did. */
    TreeChange change(long seq) {
        TreeBlock block = blocks.block(seq);
        return new TreeChange(block.isDeletion(), block.item());
    }
}
