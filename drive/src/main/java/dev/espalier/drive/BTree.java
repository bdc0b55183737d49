package dev.espalier.drive;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An ordered map on a log, every version of which can be read: Hyperbee 2, byte for byte (drive specification §1).
 *
 * <p>Block 0 is a header, written with the first change; each put or delete of an existing key makes one block more,
 * which holds the key, the value and the tree nodes that changed. The version is the length of the log.
 *
 * <p><b>Threading:</b> any number of threads; writers take turns.
 */
public final class BTree {

    /** Condition of a put that makes no block when the key has that value already. */
    public static final BiPredicate<TreeItem, TreeItem> UNLESS_EQUAL =
            (previous, next) -> !Arrays.equals(previous.value(), next.value());

    private final TreeBlocks blocks;
    private final TreeHeader header;
    private final WriterLock lock;

    BTree(TreeLog log, TreeHeader header, WriterLock lock) {
        this.blocks = new TreeBlocks(log);
        this.header = header;
        this.lock = lock;
    }

    /** Number of blocks, at least 1. */
    public long version() {
        return Math.max(1, blocks.log().length());
    }

    /** The present version. */
    public TreeSnapshot snapshot() {
        return new TreeSnapshot(blocks, version());
    }

    /** The version of a given length of the log; 0 means 1, the empty tree. */
    public TreeSnapshot checkout(long version) {
        if (version < 0) {
            throw Failures.badArgument("There is no version " + version + ".");
        }
        return new TreeSnapshot(blocks, version);
    }

    /** The item of {@code key} now; null when there is none. */
    public @Nullable TreeItem get(byte[] key) {
        return snapshot().get(key);
    }

    /** Puts a key; an equal value makes a block, too. */
    public void put(byte[] key, byte @Nullable [] value) {
        put(key, value, null);
    }

    /** Puts a key; false when {@code condition}, asked only if the key exists, refuses the previous and next item. */
    public boolean put(byte[] key, byte @Nullable [] value, @Nullable BiPredicate<TreeItem, TreeItem> condition) {
        try (BTreeBatch batch = batch()) {
            boolean done = batch.put(key, value, condition);
            batch.flush();
            return done;
        }
    }

    /** Deletes a key; false when there is none, which makes no block. */
    public boolean delete(byte[] key) {
        return delete(key, null);
    }

    /** Deletes a key; false when there is none, or when {@code condition} refuses the item that is there. */
    public boolean delete(byte[] key, @Nullable Predicate<TreeItem> condition) {
        try (BTreeBatch batch = batch()) {
            boolean done = batch.delete(key, condition);
            batch.flush();
            return done;
        }
    }

    /** Starts changes that become visible in one step. */
    public BTreeBatch batch() {
        return new BTreeBatch(this);
    }

    /** Takes the right to write, and writes the header if there is none. */
    TreeEditor edit() {
        lock.acquire();
        try {
            if (blocks.log().length() == 0) {
                append(List.of(ByteBuffer.wrap(header.encode())));
            }
            return new TreeEditor(blocks, blocks.log().length());
        } catch (RuntimeException | Error e) {
            lock.release();
            throw e;
        }
    }

    void endEdit() {
        lock.release();
    }

    void append(List<ByteBuffer> encoded) {
        blocks.log().append(encoded);
    }
}
