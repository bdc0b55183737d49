package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Prologue;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHashes;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open branch, shared by all handles on it.
 *
 * <pre>
 *               base                length of the branch
 * log     0 1 2 3 | 4 5 6 7 ...
 * branch  - - - - | 4' 5' 6' 7' 8'       its own files, at the same indexes
 * </pre>
 *
 * <p>Below its base a branch reads the log's files, from there on its own: files as those of a log, whose head is not
 * signed and covers all of the branch. The roots of the tree at the base are in them, too, so that the branch can grow,
 * and be recovered, without the log. Who cuts the log below a base gives the branch copies first; so what a branch
 * holds never changes under it.
 *
 * <p><b>Threading:</b> any thread. Locks are taken in this order: the log's, the branch's own.
 */
final class BranchCore implements StoredBlocks {

    /** What lies twice, in the log and here, is given up from this many bytes on. */
    private static final long SETTLE_BYTES = 1 << 20;

    /** Nodes that are copied at once. */
    private static final int CHUNK_NODES = 8192;

    private static final Logger LOG = LoggerFactory.getLogger(BranchCore.class);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Storage storage;
    private final LogCore log;
    private final Path folder;
    private final LogCore own;
    private volatile BranchFile file;

    /** Guarded by the log's write lock. */
    private int handles;

    /** Up to where the data file was looked through for what lies twice. Guarded by the own write lock. */
    private long settledTail;

    BranchCore(Storage storage, LogCore log, Path folder, LogCore own, BranchFile file) {
        this.storage = storage;
        this.log = log;
        this.folder = folder;
        this.own = own;
        this.file = file;
        this.settledTail = own.files().data().tail();
    }

    String name() {
        return file.name();
    }

    long generation() {
        return file.generation();
    }

    /** Blocks below this are those of the log. */
    long base() {
        return file.base();
    }

    LogCore log() {
        return log;
    }

    /** The part of its own. */
    LogCore own() {
        return own;
    }

    void enter() {
        log.views().enter();
        own.views().enter();
    }

    void leave() {
        own.views().leave();
        log.views().leave();
    }

    void acquire() {
        handles++;
    }

    /** Whether that was the last one. */
    boolean release() {
        return --handles == 0;
    }

    // ---- reading

    @Override
    public TreeHead head() {
        return own.head();
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // replaced, never changed
    public @Nullable ByteBuffer block(long index) {
        while (true) {
            BranchFile seen = file;
            if (index < 0 || index >= own.head().length()) {
                return null;
            }
            ByteBuffer block = index < seen.base() ? log.block(index) : own.block(index);
            VarHandle.acquireFence();
            if (seen == file) {
                return block;
            }
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality")
    public @Nullable TreeNode node(long index) {
        while (true) {
            BranchFile seen = file;
            if (index < 0
                    || index >= 2 * own.head().length()
                    || FlatTree.endBlock(index) > own.head().length()) {
                return null;
            }
            LogCore from = FlatTree.endBlock(index) <= seen.base() ? log : own;
            TreeNode node = from.nodes(from.head()).node(index);
            VarHandle.acquireFence();
            if (seen == file) {
                return node;
            }
        }
    }

    /** Tree hash at a length; null where it is longer, or not held. */
    @Nullable
    Hash treeHash(long length) {
        List<TreeNode> roots = roots(length);
        return roots == null ? null : TreeHashes.tree(roots);
    }

    /** Number of first blocks that are those of the log. */
    long signedLength() {
        long same = Math.min(base(), head().length());
        long end = Math.min(log.head().length(), head().length());
        if (end <= same || isSame(end)) {
            return Math.max(end, same);
        }
        while (same + 1 < end) { // the same at one, not at the other
            long middle = (same + end) >>> 1;
            if (isSame(middle)) {
                same = middle;
            } else {
                end = middle;
            }
        }
        return same;
    }

    private boolean isSame(long length) {
        Hash hash = treeHash(length);
        List<TreeNode> roots = log.roots(log.head(), length);
        return hash != null && roots != null && TreeHashes.tree(roots).equals(hash);
    }

    // ---- writing

    /** Appends blocks in one step; returns the new length. */
    long append(List<ByteBuffer> blocks, BlockCodec codec, Durability durability) {
        for (ByteBuffer block : blocks) {
            LogWriter.checkSize(own, block.remaining() + codec.padding(), codec.padding());
        }
        own.writing().lock();
        try {
            own.checkOpen();
            TreeHead before = own.head();
            if (blocks.isEmpty()) {
                return before.length();
            }
            // A branch may write a block again, or be dropped, with the log in one and the same fork. With a number of
            // its
            // own each time, no two blocks are encrypted with the same stream. Who decrypts needs only what is stored.
            long fork = RANDOM.nextLong() >>> 1;
            List<ByteBuffer> stored = codec.encode(before.length(), fork, blocks);
            TreeBatch batch = new TreeBatch(before);
            stored.forEach(batch::append);
            Prologue.checkLength(log.prologue(), before.length(), batch.length());
            TreeHead after = TreeHead.of(before.fork(), batch.roots(), null);
            own.beginWrite();
            try {
                LogWriter.store(own.files(), before.length(), stored, batch);
                own.commitAppend(after, durability);
            } catch (RuntimeException | InternalError e) {
                throw own.stop(e);
            }
            return after.length();
        } finally {
            own.writing().unlock();
        }
    }

    /** Drops all blocks from {@code length} on, with the next fork number. Durable on return. */
    void truncate(long length) {
        own.writing().lock();
        try {
            own.checkOpen();
            TreeHead before = own.head();
            LogWriter.checkLength("branch \"" + name() + "\" of log " + log.key(), before, length);
            LogWriter.checkPrologue(log, length);
            List<TreeNode> roots = roots(length);
            if (roots == null) {
                throw new EspalierException(
                        LogCore.NOT_FOUND,
                        "The tree of branch \"" + name() + "\" at length " + length + " is not held here.");
            }
            own.beginWrite();
            try {
                own.files().tree().putAll(roots, Set.of());
                own.commit(TreeHead.of(before.fork() + 1, roots, null), Durability.DATA);
                own.files().bits().clearFrom(length);
                own.files().tree().removeBeyond(length, 2 * before.length());
                own.files().entries().removeFrom(length, before.length());
                if (length < base()) {
                    // After a crash before this, opening does it: a branch is never shorter than its base.
                    write(length);
                }
            } catch (RuntimeException | InternalError e) {
                throw own.stop(e);
            }
        } finally {
            own.writing().unlock();
        }
    }

    private void write(long base) {
        BranchFile next = new BranchFile(file.name(), file.generation(), base);
        next.write(storage, log.folder(), folder);
        file = next;
        VarHandle.fullFence(); // What destroys something after this must not be seen before it.
    }

    /** Forces all that was written. */
    void sync() {
        own.sync();
    }

    /**
     * Takes copies of what this branch and the log share from {@code length} on; durable on return. Under the log's write
     * lock, before the log is cut there.
     */
    void keep(long length) {
        own.writing().lock();
        try {
            long base = base();
            if (base <= length) {
                return;
            }
            own.beginWrite();
            try {
                copyBlocks(length, base);
                copyNodes(length, base);
                own.commit(own.head(), Durability.DATA);
                write(length);
            } catch (RuntimeException | InternalError e) {
                throw own.stop(e);
            }
        } finally {
            own.writing().unlock();
        }
    }

    private void copyBlocks(long start, long end) {
        LogFiles from = log.files();
        LogFiles to = own.files();
        long[] offset = new long[1];
        for (long block = from.bits().nextSet(start, end);
                block < end;
                block = from.bits().nextSet(block + 1, end)) {
            ByteBuffer bytes = log.block(block);
            if (bytes != null) {
                to.data().append(List.of(bytes), offset);
                to.entries().put(block, offset[0], bytes.remaining());
                to.bits().set(block, block + 1);
            }
        }
    }

    /** Copies the nodes below {@code base} that a tree of {@code length} blocks does not have, and the roots of that. */
    private void copyNodes(long length, long base) {
        List<TreeNode> roots = log.roots(log.head(), length);
        List<TreeNode> nodes = new ArrayList<>(roots == null ? List.of() : roots);
        for (int depth = 1; 1L << depth <= 2 * length; depth++) {
            long above = FlatTree.index(depth, length >> depth);
            if (above < 2 * length) {
                copyNode(above, base, nodes);
            }
        }
        for (long index = 2 * length; index < 2 * base - 1; index++) {
            copyNode(index, base, nodes);
            if (nodes.size() >= CHUNK_NODES) {
                own.files().tree().putAll(nodes, Set.of());
                nodes.clear();
            }
        }
        own.files().tree().putAll(nodes, Set.of());
    }

    private void copyNode(long index, long base, List<TreeNode> target) {
        TreeNode node =
                FlatTree.endBlock(index) > base ? null : log.files().tree().node(index);
        if (node != null) {
            target.add(node);
        }
    }

    // ---- committing

    /** Commits blocks to the log; returns its head before that. */
    TreeHead commitTo(LogWriter writer, Durability durability, CommitOptions options) {
        log.writing().lock();
        own.writing().lock();
        try {
            log.checkOpen();
            own.checkOpen();
            TreeHead before = log.head();
            enter();
            try {
                writer.commitLocked(this, "branch \"" + name() + "\"", durability, options);
            } finally {
                leave();
            }
            tidy();
            return before;
        } finally {
            own.writing().unlock();
            log.writing().unlock();
        }
    }

    /** Gives up what lies twice, if that is much; the commit is done, whatever becomes of it. */
    private void tidy() {
        if (own.files().data().tail() - settledTail >= SETTLE_BYTES) {
            try {
                settle();
            } catch (StorageException e) {
                StorageException failure = own.stop(e);
                LOG.warn("What branch \"{}\" of log {} committed lies twice", name(), log.key(), failure);
            }
        }
    }

    /**
     * Moves the base to the end of what the log has, too, as far as that is on the device, and gives up the copies below.
     * Under both write locks.
     */
    void settle() {
        long from = base();
        long same = Math.min(signedLength(), log.forcedLength());
        long end = log.files().bits().nextClear(from, Math.max(from, same));
        settledTail = own.files().data().tail();
        if (end <= from) {
            return;
        }
        own.settle(end); // Or a loss of power could leave a branch that is shorter than its base.
        write(end);
        new LogWriter(own, BlockCodec.PLAIN).clear(from, end);
    }

    /** The same when it was just opened, and the log's write lock is held. */
    void settleOnOpening() {
        own.writing().lock();
        try {
            settle();
        } finally {
            own.writing().unlock();
        }
    }

    /** Whether it has no files to speak of: all of it is the log's. */
    boolean isShared() {
        return base() == head().length();
    }
}
