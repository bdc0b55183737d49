package dev.espalier.drive;

import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Changes to a {@link BTree} that become visible in one step. Reads see what was staged.
 *
 * <p>The first change takes the right to write to the tree, {@link #flush} or {@link #close} gives it back; other writers
 * wait meanwhile. An operation that fails for want of a block ends the batch, nothing of it being written.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
public final class BTreeBatch implements TreeView, AutoCloseable {

    private final BTree tree;
    private @Nullable TreeEditor editor;
    private boolean closed;

    BTreeBatch(BTree tree) {
        this.tree = tree;
    }

    /** The version that {@link #flush} would make. */
    @Override
    public long version() {
        TreeEditor staged = editor;
        return staged == null ? tree.version() : staged.version();
    }

    /** Number of staged changes. */
    public int size() {
        TreeEditor staged = editor;
        return staged == null ? 0 : staged.size();
    }

    /** Stages a put. */
    public void put(byte[] key, byte @Nullable [] value) {
        put(key, value, null);
    }

    /** Stages a put; false when {@code condition}, asked only if the key exists, refuses the previous and next item. */
    public boolean put(byte[] key, byte @Nullable [] value, @Nullable BiPredicate<TreeItem, TreeItem> condition) {
        TreeEditor staged = begin();
        try {
            return staged.put(key, value, condition);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Stages a deletion; false when there is no such key. */
    public boolean delete(byte[] key) {
        return delete(key, null);
    }

    /** Stages a deletion; false when there is no such key, or when {@code condition} refuses the item that is there. */
    public boolean delete(byte[] key, @Nullable Predicate<TreeItem> condition) {
        TreeEditor staged = begin();
        try {
            return staged.delete(key, condition);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Takes the right to write without a change. */
    void hold() {
        begin();
    }

    private TreeEditor begin() {
        checkOpen();
        TreeEditor staged = editor;
        if (staged == null) {
            staged = tree.edit();
            editor = staged;
        }
        return staged;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the batch is closed");
        }
    }

    @Override
    public @Nullable TreeItem get(byte[] key) {
        checkOpen();
        TreeEditor staged = editor;
        return staged == null ? tree.snapshot().get(key) : TreeSnapshot.find(staged.root(), key);
    }

    /** Items of a range; changing the batch ends iterations that are under way with an exception. */
    @Override
    public Iterable<TreeItem> range(KeyRange range) {
        checkOpen();
        TreeEditor staged = editor;
        return staged == null ? tree.snapshot().range(range) : () -> guarded(staged, range);
    }

    private Iterator<TreeItem> guarded(TreeEditor staged, KeyRange range) {
        long version = staged.version();
        RangeCursor cursor = new RangeCursor(staged.root(), range);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                check();
                return cursor.hasNext();
            }

            @Override
            public TreeItem next() {
                check();
                return cursor.next();
            }

            private void check() {
                if (closed || staged.version() != version) {
                    throw new ConcurrentModificationException("the batch was changed while it was listed");
                }
            }
        };
    }

    /** Appends all staged changes at once and closes the batch; returns the tree's version. */
    public long flush() {
        checkOpen();
        TreeEditor staged = editor;
        try {
            if (staged != null && staged.size() > 0) {
                tree.append(staged.encode());
            }
            return tree.version();
        } finally {
            close();
        }
    }

    /** Drops what was not flushed. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (editor != null) {
            editor = null;
            tree.endEdit();
        }
    }
}
