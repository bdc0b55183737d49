package dev.espalier.replicate;

import java.util.ArrayList;
import java.util.List;

/**
 * Changes of a log that a peer has not been told of yet; neighbouring ones are put together.
 *
 * <p><b>Threading:</b> any thread.
 */
final class LocalChanges {

    /** Blocks {@code start} to {@code start + count - 1} came, or with {@code drop} went. */
    record Change(boolean drop, long start, long count) {}

    private final List<Change> changes = new ArrayList<>();
    private boolean signalled;

    /** Notes blocks that came or went; whether the one who empties must be called. */
    synchronized boolean add(boolean drop, long start, long count) {
        int last = changes.size() - 1;
        Change before = last >= 0 ? changes.get(last) : null;
        if (before != null && before.drop == drop && before.start + before.count == start) {
            changes.set(last, new Change(drop, before.start, before.count + count));
        } else {
            changes.add(new Change(drop, start, count));
        }
        return signal();
    }

    /** Notes that something else changed; whether the one who empties must be called. */
    synchronized boolean signal() {
        boolean first = !signalled;
        signalled = true;
        return first;
    }

    /** Whether there is anything to take. */
    synchronized boolean signalled() {
        return signalled;
    }

    /** Takes all. */
    synchronized List<Change> take() {
        signalled = false;
        List<Change> taken = List.copyOf(changes);
        changes.clear();
        return taken;
    }
}
