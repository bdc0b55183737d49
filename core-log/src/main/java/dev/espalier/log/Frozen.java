package dev.espalier.log;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A log as it was at one head, whatever becomes of it: below the lowest cut since then what is in the files, above what was
 * kept when it was cut.
 *
 * <p>Reading takes no lock. Who cuts a log hands over what goes before it goes; who read from the files looks afterwards
 * whether that happened, and reads again.
 *
 * <p><b>Threading:</b> any thread; {@link #cut} under the write lock.
 */
final class Frozen implements StoredBlocks {

    private final LogFiles files;
    private final TreeHead head;
    private volatile Cut[] cuts = new Cut[0];

    Frozen(LogFiles files, TreeHead head) {
        this.files = files;
        this.head = head;
    }

    @Override
    public TreeHead head() {
        return head;
    }

    /** Number of blocks that still are those of the log. */
    long signedLength() {
        long length = head.length();
        for (Cut cut : cuts) {
            length = Math.min(length, cut.from());
        }
        return length;
    }

    /** Takes what goes; before it goes. */
    void cut(Cut cut) {
        Cut[] before = cuts;
        Cut[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = cut;
        cuts = after;
    }

    private static @Nullable Cut first(Cut[] cuts, long block) {
        for (Cut cut : cuts) {
            if (block >= cut.from()) {
                return cut;
            }
        }
        return null;
    }

    @SuppressWarnings("ReferenceEquality") // replaced by a longer one, never changed
    private boolean isStill(Cut[] seen) {
        VarHandle.acquireFence();
        return cuts == seen;
    }

    @Override
    public @Nullable ByteBuffer block(long index) {
        if (index < 0 || index >= head.length()) {
            return null;
        }
        while (true) {
            Cut[] seen = cuts;
            Cut cut = first(seen, index);
            if (cut != null) {
                long offset = cut.offset(index);
                return offset == 0 ? null : files.data().view(offset, cut.length(index));
            }
            boolean held = files.bits().get(index);
            long offset = files.entries().offset(index);
            int length = files.entries().length(index);
            if (isStill(seen)) {
                return held ? files.data().view(offset, length) : null;
            }
        }
    }

    @Override
    public @Nullable TreeNode node(long index) {
        if (index < 0 || index >= 2 * head.length() || FlatTree.endBlock(index) > head.length()) {
            return null;
        }
        while (true) {
            Cut[] seen = cuts;
            for (Cut cut : seen) {
                if (cut.covers(index)) {
                    return cut.node(index);
                }
            }
            TreeNode node = files.tree().node(index);
            if (isStill(seen)) {
                return node;
            }
        }
    }
}
