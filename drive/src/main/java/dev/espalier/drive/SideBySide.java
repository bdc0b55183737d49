package dev.espalier.drive;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Walks two listings at once and tells what has the same path. Where the left one is out of order, which the right one
 * never is, the path is looked up in the right tree; that path may be told before as one that only the right side has.
 *
 * <p><b>Threading:</b> one thread.
 */
final class SideBySide {

    /** Entries of one path; one of them may be null. */
    record Pair(@Nullable Entry left, @Nullable Entry right) {}

    private final Iterator<Entry> left;
    private final Iterator<Entry> right;
    private final FileTree rightTree;
    private @Nullable Entry nextLeft;
    private @Nullable Entry nextRight;
    private @Nullable String lastLeft;

    SideBySide(Iterable<Entry> left, Iterable<Entry> right, FileTree rightTree) {
        this.right = right.iterator();
        this.nextRight = take(this.right);
        this.left = left.iterator();
        this.nextLeft = take(this.left);
        this.rightTree = rightTree;
    }

    private static @Nullable Entry take(Iterator<Entry> entries) {
        return entries.hasNext() ? entries.next() : null;
    }

    /** Whether the right listing is at its end. */
    boolean hasNoRight() {
        return nextRight == null;
    }

    /** The next path; null at the end. */
    @Nullable
    Pair next() {
        Entry one = nextLeft;
        Entry other = nextRight;
        if (one == null) {
            nextRight = other == null ? null : take(right);
            return other == null ? null : new Pair(null, other);
        }
        if (lastLeft != null && DrivePath.compare(one.path(), lastLeft) <= 0) {
            nextLeft = take(left);
            return new Pair(one, rightTree.entry(one.path()));
        }
        int order = other == null ? -1 : DrivePath.compare(one.path(), other.path());
        if (order > 0) {
            nextRight = take(right);
            return new Pair(null, other);
        }
        lastLeft = one.path();
        nextLeft = take(left);
        if (order == 0) {
            nextRight = take(right);
            return new Pair(one, other);
        }
        return new Pair(one, null);
    }
}
