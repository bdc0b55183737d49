package dev.espalier.log;

import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A new log that takes what was verified. Under its write lock from the making of this object to {@link #finish}. */
final class CoreSink implements TreeCopy.Sink {

    private final LogCore core;
    private final TreeHead head;
    private final long[] offset = new long[1];

    /** Begins with a head that was verified. */
    CoreSink(LogCore core, TreeHead head) {
        this.core = core;
        this.head = head;
        core.beginSparseWrite();
        write(() -> {
            core.files().tree().putAll(head.roots(), Set.of());
            core.commit(head, Durability.NONE);
        });
    }

    @Override
    public void children(TreeNode parent, NodeMender.@Nullable Pair children) {
        if (children != null) {
            write(() -> core.files().tree().putAll(List.of(children.left(), children.right()), Set.of()));
        }
    }

    @Override
    public void block(TreeNode leaf, @Nullable ByteBuffer bytes) {
        if (bytes == null) {
            return;
        }
        long block = leaf.index() / 2;
        write(() -> {
            LogFiles files = core.files();
            files.data().append(List.of(bytes), offset);
            files.entries().put(block, offset[0], bytes.remaining());
            files.bits().set(block, block + 1);
            core.counted(block, block + 1);
            core.checkpoint();
        });
    }

    /** Puts all of it on the device. */
    void finish() {
        write(() -> core.commit(head, Durability.FULL));
    }

    private void write(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | InternalError e) {
            throw core.stop(e);
        }
    }
}
