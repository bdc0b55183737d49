package dev.espalier.drive;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Keys whose item differs between two versions, ascending. Subtrees that both share are never loaded.
 *
 * <p><b>Threading:</b> one thread.
 */
final class TreeDiff implements Iterator<TreeDiff.Difference> {

    /** A key that differs; either side is null when it lacks the key. */
    record Difference(@Nullable TreeItem left, @Nullable TreeItem right) {}

    private final DiffCursor left;
    private final DiffCursor right;
    private final KeyRange range;
    private boolean ended;
    private @Nullable Difference next;

    TreeDiff(@Nullable StoredNode left, @Nullable StoredNode right, KeyRange range) {
        this.left = new DiffCursor(left, range);
        this.right = new DiffCursor(right, range);
        this.range = range;
    }

    @Override
    public boolean hasNext() {
        if (next == null && !ended) {
            next = advance();
            ended = next == null;
        }
        return next != null;
    }

    @Override
    public Difference next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Difference difference = next;
        next = null;
        return difference;
    }

    private @Nullable Difference advance() {
        while (true) {
            boolean hasLeft = left.settle();
            boolean hasRight = right.settle();
            if (!hasLeft && !hasRight) {
                return null;
            }
            if (!hasRight) {
                if (left.onKey()) {
                    return inRange(left.take(), null);
                }
                left.descend();
            } else if (!hasLeft) {
                if (right.onKey()) {
                    return inRange(null, right.take());
                }
                right.descend();
            } else if (left.standsWith(right)) {
                left.skip();
                right.skip();
            } else if (left.onKey() && right.onKey()) {
                int order = compare(left.bound(), right.bound());
                return inRange(order <= 0 ? left.take() : null, order >= 0 ? right.take() : null);
            } else if (left.onKey()) {
                right.descend();
            } else if (right.onKey()) {
                left.descend();
            } else {
                int order = compare(left.bound(), right.bound());
                if (order >= 0) {
                    left.descend();
                }
                if (order <= 0) {
                    right.descend();
                }
            }
        }
    }

    private @Nullable Difference inRange(@Nullable TreeItem one, @Nullable TreeItem other) {
        TreeItem any = one == null ? other : one;
        return any == null || range.isPast(any.key()) ? null : new Difference(one, other);
    }

    /** Nothing comes last. */
    private static int compare(byte @Nullable [] a, byte @Nullable [] b) {
        if (a == null || b == null) {
            return Boolean.compare(a == null, b == null);
        }
        return Arrays.compareUnsigned(a, b);
    }
}
