package dev.espalier.log;

import dev.espalier.merkle.TreeHead;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The open snapshots of a log.
 *
 * <p><b>Threading:</b> any thread; {@link #take} and {@link #cutting} under the write lock.
 */
final class Snapshots {

    private final LogFiles files;
    private final List<Frozen> open = new CopyOnWriteArrayList<>();

    Snapshots(LogFiles files) {
        this.files = files;
    }

    Frozen take(TreeHead head) {
        Frozen snapshot = new Frozen(files, head);
        open.add(snapshot);
        return snapshot;
    }

    @SuppressWarnings("ReferenceEquality") // one object per snapshot
    void forget(Frozen snapshot) {
        open.removeIf(one -> one == snapshot);
    }

    /** Keeps what snapshots need of blocks and nodes from {@code length} on; before any of that is written over. */
    void cutting(long length) {
        long end = length;
        for (Frozen snapshot : open) {
            end = Math.max(end, snapshot.signedLength());
        }
        if (end > length) {
            Cut cut = new Cut(files, length, end);
            for (Frozen snapshot : open) {
                if (snapshot.signedLength() > length) {
                    snapshot.cut(cut);
                }
            }
            VarHandle.fullFence(); // What is written over now must not be seen before.
        }
    }
}
