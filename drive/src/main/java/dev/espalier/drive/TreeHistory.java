package dev.espalier.drive;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Changes of a tree, block by block (drive specification §1.10).
 *
 * <p><b>Threading:</b> one thread.
 */
final class TreeHistory implements Iterator<TreeChange> {

    private final TreeSnapshot snapshot;
    private final boolean reverse;
    private long first;
    private long end;
    private long left;

    TreeHistory(TreeSnapshot snapshot, HistoryRange range) {
        this.snapshot = snapshot;
        this.reverse = range.reverse();
        this.first = range.first(snapshot.version());
        this.end = range.end(snapshot.version());
        this.left = range.limit() < 0 ? Long.MAX_VALUE : range.limit();
    }

    @Override
    public boolean hasNext() {
        return left > 0 && first < end;
    }

    @Override
    public TreeChange next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        left--;
        return snapshot.change(reverse ? --end : first++);
    }
}
