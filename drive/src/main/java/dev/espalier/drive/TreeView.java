package dev.espalier.drive;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Keys and values of a {@link BTree}, to be read: a version of it, or a batch with its staged changes. */
public sealed interface TreeView permits TreeSnapshot, BTreeBatch {

    /** Number of blocks of the log that this reads; at least 1. */
    long version();

    /** The item of {@code key}; null when there is none. */
    @Nullable
    TreeItem get(byte[] key);

    /** Items of a range. Each iteration reads as it goes. */
    Iterable<TreeItem> range(KeyRange range);

    /** The first item of a range; null when there is none. */
    default @Nullable TreeItem peek(KeyRange range) {
        Iterator<TreeItem> items = range(range.limit(1)).iterator();
        return items.hasNext() ? items.next() : null;
    }
}
