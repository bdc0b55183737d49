package dev.espalier.log;

import dev.espalier.merkle.BlockEncryption;
import dev.espalier.merkle.Conflict;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.NodeSource;
import dev.espalier.merkle.Prologue;
import dev.espalier.merkle.TreeHashes;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open log, shared by all handles on it: its files, its head, and the lock of its writer.
 *
 * <p>Reading takes no lock. A reader works from one head, and where a truncation may have rewritten what it looked at,
 * it compares the fork afterwards and starts again: a truncation publishes its head before it touches anything.
 *
 * <p><b>Threading:</b> any thread; methods that say so need the write lock.
 */
final class LogCore {

    /** Nobody to ask, nothing held. */
    static final String NOT_FOUND = "ERR_NOT_FOUND";

    /** Most bytes of blocks that are stored without being forced. */
    private static final long CHECKPOINT_BYTES = 256L << 20;

    /** Most blocks that a log grows by without being forced. */
    private static final long CHECKPOINT_BLOCKS = 1 << 20;

    private static final long UNKNOWN = -1;

    private static final Logger LOG = LoggerFactory.getLogger(LogCore.class);

    private final Storage storage;
    private final LogFolder folder;
    private final LogFiles files;
    private final byte[] primaryKey;
    private final ReentrantLock writing = new ReentrantLock();
    private final LogEvents events = new LogEvents();
    private final ViewCount views = new ViewCount();
    private final Snapshots snapshots;
    private final MappedLogs.Member member;
    private final Branches branches;
    private final AppendQueue appends = new AppendQueue();

    private volatile Identity identity;
    private volatile @Nullable HeadVerifier verifier;
    private volatile @Nullable KeyPair signer;
    private volatile TreeHead head;

    /** Counted when first asked for, since that takes a look at all bits; {@link #UNKNOWN} until then. */
    private volatile long contiguous = UNKNOWN;

    private volatile long held = UNKNOWN;

    /** Blocks from here on, and nodes that reach beyond, are being written over; {@link Long#MAX_VALUE} for none. */
    private volatile long settled = Long.MAX_VALUE;

    private volatile @Nullable Conflict conflict;
    private volatile boolean closed;

    // Guarded by the write lock.
    private final Holes holes;
    private long sequence;
    private long appendedFrom;
    private long forcedTail;
    private long forcedLength;
    private boolean dirty;
    private boolean sparse;
    private @Nullable StorageException failure;

    LogCore(LogOpener opener, LogFolder folder, LogFiles files, Identity identity, HeadState state) {
        this.storage = opener.storage();
        this.folder = folder;
        this.files = files;
        this.holes = new Holes(files.data(), views);
        this.snapshots = new Snapshots(files);
        this.branches = new Branches(opener, this);
        this.primaryKey = opener.primaryKey();
        this.identity = identity;
        this.head = state.head();
        this.sequence = state.sequence();
        this.forcedTail = state.dataTail();
        this.forcedLength = head.length();
        this.appendedFrom = head.length();
        this.conflict = ConflictFile.read(storage, folder);
        this.member = opener.mapped().join(this);
        adopt(identity);
    }

    private void adopt(Identity next) {
        Manifest manifest = next.manifest();
        HeadVerifier checks = manifest == null ? null : HeadVerifier.of(next.key(), manifest);
        Identity.SignerSource source = next.signer();
        KeyPair pair = source == null ? null : source.keyPair(primaryKey);
        this.verifier = checks;
        this.signer = checks != null && pair != null && checks.canSign(pair) ? pair : null;
        this.identity = next;
    }

    // ---- what it is

    Key key() {
        return identity.key();
    }

    LogFolder folder() {
        return folder;
    }

    LogFiles files() {
        return files;
    }

    LogEvents events() {
        return events;
    }

    /** Who looks at blocks. */
    ViewCount views() {
        return views;
    }

    Snapshots snapshots() {
        return snapshots;
    }

    /** Appends that wait for each other. */
    AppendQueue appends() {
        return appends;
    }

    /** The branches of the log. */
    Branches branches() {
        return branches;
    }

    /** Blocks below this are on the device, as far as they are held. Under the write lock. */
    long forcedLength() {
        return forcedLength;
    }

    /** The log as it is now, kept. Takes the write lock. */
    Frozen freeze() {
        writing.lock();
        try {
            checkOpen();
            return snapshots.take(head);
        } finally {
            writing.unlock();
        }
    }

    Identity identity() {
        return identity;
    }

    /** Signs and verifies heads; null as long as the manifest is not known. */
    @Nullable
    HeadVerifier verifier() {
        return verifier;
    }

    @Nullable
    Prologue prologue() {
        HeadVerifier checks = verifier;
        return checks == null ? null : checks.prologue();
    }

    /** Who appends; null for a reader. */
    @Nullable
    KeyPair signer() {
        return signer;
    }

    /** Replaces the identity, on the disk first. Takes the write lock. */
    void identity(UnaryOperator<Identity> change) {
        writing.lock();
        try {
            checkOpen();
            Identity next = change.apply(identity);
            if (!next.equals(identity)) {
                next.write(storage, folder.file(FileKind.IDENTITY));
                adopt(next);
            }
        } finally {
            writing.unlock();
        }
    }

    /** The encryption that a key means here; the manifest, known with the first head, tells how the key is used. */
    BlockEncryption encryption(byte[] encryptionKey) {
        HeadVerifier checks = verifier;
        if (checks == null) {
            throw new EspalierException(
                    "ERR_MANIFEST_UNKNOWN",
                    "Log " + key() + " cannot be decrypted yet: its manifest is not known here.");
        }
        return BlockEncryption.of(key(), checks.compat(), encryptionKey);
    }

    // ---- state

    TreeHead head() {
        return head;
    }

    /** Number of blocks held from 0 without a gap. */
    long contiguous() {
        long known = contiguous;
        return known == UNKNOWN ? count(true) : Math.min(known, head.length());
    }

    /** Number of blocks held. */
    long held() {
        long known = held;
        return known == UNKNOWN ? count(false) : known;
    }

    /** Looks at all bits; keeps what it finds unless a writer is changing it just now. */
    private long count(boolean withoutGap) {
        boolean kept = writing.tryLock();
        try {
            long length = readable(head);
            long found = withoutGap
                    ? files.bits().nextClear(0, length)
                    : files.bits().count(0, length);
            if (kept && withoutGap) {
                contiguous = found;
            } else if (kept) {
                held = found;
            }
            return found;
        } finally {
            if (kept) {
                writing.unlock();
            }
        }
    }

    boolean has(long block) {
        return block >= 0 && block < readable(head) && files.bits().get(block);
    }

    /** Blocks below this may be looked up for a head: its length, or less while the log moves to another fork. */
    long readable(TreeHead at) {
        return Math.min(at.length(), settled);
    }

    /** The stored nodes of the tree that {@code at} is the head of, as far as they are proven. */
    NodeSource nodes(TreeHead at) {
        TreeFile tree = files.tree();
        return index -> covers(readable(at), index) ? tree.node(index) : null;
    }

    /** The same with those nodes whose hash only is proven: to verify with, not to prove with. */
    NodeSource hashedNodes(TreeHead at) {
        TreeFile tree = files.tree();
        return index -> covers(readable(at), index) ? tree.hashedNode(index) : null;
    }

    private static boolean covers(long length, long index) {
        return index >= 0 && index < 2 * length && FlatTree.endBlock(index) <= length;
    }

    /** The roots of the tree at a shorter length; null when one is not stored. */
    @Nullable
    List<TreeNode> roots(TreeHead at, long length) {
        return StoredBlocks.roots(nodes(at), length);
    }

    /** Tree hash at a shorter length. */
    Hash treeHash(long length) {
        TreeHead at = head;
        if (length < 0 || length > at.length()) {
            throw new EspalierException(
                    NOT_FOUND, "Log " + key() + " has " + at.length() + " blocks, not " + length + ".");
        }
        List<TreeNode> roots = roots(at, length);
        if (roots == null) {
            throw new EspalierException(
                    NOT_FOUND, "The tree of log " + key() + " at length " + length + " is not held here.");
        }
        return TreeHashes.tree(roots);
    }

    /**
     * A read-only view of a block that stays valid as long as it is reachable, but loses its content when the block is given
     * up, unless the caller has entered {@link #views}; null when it is not held.
     */
    @Nullable
    ByteBuffer block(long index) {
        while (true) {
            TreeHead at = head;
            if (index < 0 || index >= readable(at) || !files.bits().get(index)) {
                return null;
            }
            long offset = files.entries().offset(index);
            int length = files.entries().length(index);
            if (isStill(at) && isStillAt(index, offset, length)) {
                return files.data().view(offset, length);
            }
        }
    }

    /** Whether a block was not given up while its entry was read. */
    private boolean isStillAt(long index, long offset, int length) {
        return files.bits().get(index)
                && files.entries().offset(index) == offset
                && files.entries().length(index) == length;
    }

    /** Stored length of a block; -1 when it is not held. */
    int blockLength(long index) {
        while (true) {
            TreeHead at = head;
            if (index < 0 || index >= readable(at) || !files.bits().get(index)) {
                return -1;
            }
            long offset = files.entries().offset(index);
            int length = files.entries().length(index);
            if (isStill(at) && isStillAt(index, offset, length)) {
                return length;
            }
        }
    }

    /** Whether what was read since {@code at} was the head belongs to its fork. */
    boolean isStill(TreeHead at) {
        VarHandle.acquireFence();
        return head.fork() == at.fork();
    }

    // ---- writing; all of this under the write lock

    ReentrantLock writing() {
        return writing;
    }

    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("log " + key() + " is closed");
        }
    }

    /** Evidence that the signers signed two trees; null for the usual log. */
    @Nullable
    Conflict conflict() {
        return conflict;
    }

    /** Refuses to change, or fetch blocks of, a log that nobody can trust any more. */
    void checkNoConflict() {
        Conflict evidence = conflict;
        if (evidence != null) {
            throw new EspalierException(
                    "ERR_CONFLICT",
                    "Log " + key() + " is frozen: two different trees of fork " + evidence.fork() + " and length "
                            + evidence.length() + " were signed with its key.");
        }
    }

    /** Refuses to sign what follows a copy: the original may have signed something else there. */
    void checkNotRestored() {
        if (identity.restored()) {
            throw new EspalierException(
                    "ERR_RESTORED",
                    "Log " + key() + " was restored from a copy, and nothing is appended before peers said how far the"
                            + " original got: run espalier recover with --peer, or with --force if nobody has more.");
        }
    }

    /** Freezes the log for good; false when it is already. Takes the write lock. */
    boolean freeze(Conflict evidence) {
        writing.lock();
        try {
            checkOpen();
            if (conflict != null) {
                return false;
            }
            ConflictFile.write(storage, folder, evidence);
            conflict = evidence;
            return true;
        } finally {
            writing.unlock();
        }
    }

    /**
     * Before anything is written: refuses where that cannot work, and leaves a mark that a clean close takes away. The
     * mark is forced, or a loss of power could keep the writes and not the mark.
     */
    void beginWrite() {
        beginWrite(false);
    }

    /** The same before nodes are stored anywhere in the tree, and not only at its end. */
    void beginSparseWrite() {
        beginWrite(true);
    }

    private void beginWrite(boolean anywhere) {
        checkOpen();
        checkNoConflict();
        member.wake();
        if (failure != null) {
            throw failure.again();
        }
        if (!dirty || anywhere && !sparse) {
            try {
                files.head().mark(0, sparse || anywhere);
                files.head().forceMarks();
            } catch (RuntimeException | InternalError e) {
                throw stop(e);
            }
            dirty = true;
            sparse |= anywhere;
        }
    }

    /** After a failed write nobody knows what the page cache holds: this writer does not go on. */
    StorageException stop(Throwable cause) {
        failure = cause instanceof StorageException known
                ? known
                : new StorageException(
                        "Cannot write the log " + key() + " in " + folder.folder() + ": " + cause + ".",
                        folder.folder(),
                        cause);
        return failure;
    }

    /** Writes a head whose content was written before, and publishes it. */
    void commit(TreeHead next, Durability durability) {
        appendedFrom = next.length();
        write(next, durability);
    }

    /** The same for a head whose new blocks are all held: without one of them it will not be believed after a crash. */
    void commitAppend(TreeHead next, Durability durability) {
        appendedFrom = Math.min(appendedFrom, head.length());
        write(next, durability);
    }

    private void write(TreeHead next, Durability durability) {
        boolean force = durability != Durability.NONE || isCheckpointDue(next);
        boolean metadata = durability == Durability.FULL;
        if (force) {
            files.forceContent(metadata);
        }
        writeHead(next, force);
        if (force) {
            files.head().forceHead(metadata);
            forced(next);
        }
        head = next;
        // Whoever destroys something after this must not be overtaken by it.
        VarHandle.fullFence();
    }

    private void forced(TreeHead at) {
        forcedTail = files.data().tail();
        forcedLength = at.length();
        appendedFrom = at.length();
    }

    /** Forces what was stored when it is much: all of it would have to be hashed again after a crash. */
    void checkpoint() {
        if (isCheckpointDue(head)) {
            commit(head, Durability.DATA);
        }
    }

    /** Forces blocks below {@code end} before some are given up: what lacks later must not look as if it was lost. */
    void settle(long end) {
        if (end > forcedLength) {
            commit(head, Durability.DATA);
        }
    }

    private boolean isCheckpointDue(TreeHead next) {
        return files.data().tail() - forcedTail >= CHECKPOINT_BYTES
                || next.length() - forcedLength >= CHECKPOINT_BLOCKS;
    }

    private void writeHead(TreeHead next, boolean forced) {
        HeadRecord record = nextRecord(next, forced);
        files.head().write(record);
        sequence = record.sequence();
    }

    /** What the head file will say of a head that is written next. */
    HeadRecord nextRecord(TreeHead next, boolean forced) {
        return new HeadRecord(
                sequence + 1,
                next.fork(),
                next.length(),
                next.byteLength(),
                next.treeHash(),
                files.data().tail(),
                forced,
                appendedFrom,
                next.signature());
    }

    /**
     * Puts a journaled change that cuts the log in place, and publishes its head. The head comes first: whoever reads by
     * the old one finds out afterwards, whoever reads by the new one looks no further than what both have in common until
     * the rest is there.
     */
    void rewrite(LogChange change, TreeHead next, Durability durability) {
        uncounted(change.common(), change.before());
        snapshots.cutting(change.common());
        settled = change.common();
        head = next;
        VarHandle.fullFence();
        change.apply(files);
        commit(next, durability);
        settled = Long.MAX_VALUE;
        counted(change.common(), change.common() + change.offsets().length);
    }

    /** Counts blocks {@code start} to {@code end - 1} that are held from now on. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the write lock
    void counted(long start, long end) {
        if (held != UNKNOWN) {
            held += end - start;
        }
        if (contiguous >= start && contiguous < end) {
            contiguous = files.bits().nextClear(end, head.length());
        }
    }

    /** Counts those of blocks {@code start} to {@code end - 1} that are held as lost; before their bits are cleared. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the write lock
    void uncounted(long start, long end) {
        if (held != UNKNOWN) {
            held -= files.bits().count(start, end);
        }
        contiguous = Math.min(contiguous, start);
    }

    /** Room of blocks that were given up. */
    Holes holes() {
        return holes;
    }

    /** Forces all that was written, here and to branches. Takes the write lock. */
    void sync() {
        writing.lock();
        try {
            checkOpen();
            if (failure != null) {
                throw failure.again();
            }
            if (dirty) {
                try {
                    commit(head, Durability.FULL);
                } catch (RuntimeException | InternalError e) {
                    throw stop(e);
                }
            }
            branches.sync();
        } finally {
            writing.unlock();
        }
    }

    /** The same; nothing when the log was closed, which forces it, too. */
    void syncIfOpen() {
        writing.lock();
        try {
            if (!closed) {
                sync();
            }
        } finally {
            writing.unlock();
        }
    }

    /** Waits for the writer, forces all that was written, leaves a clean mark, closes the files. Views that were handed out stay readable. */
    void closeFiles() {
        writing.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            member.close();
            try {
                branches.close();
            } finally {
                closeOwnFiles();
            }
        } finally {
            writing.unlock();
        }
    }

    private void closeOwnFiles() {
        try {
            if (dirty && failure == null) {
                markClean();
            }
        } finally {
            files.close();
        }
    }

    /** Forces all that was written, and leaves the mark that nothing was written since. */
    private void markClean() {
        files.forceContent(true);
        writeHead(head, true);
        files.head().mark(sequence, false);
        files.head().forceHead(true);
        forced(head);
        dirty = false;
        sparse = false;
    }

    // ---- idle

    /** Notes that somebody uses the log. */
    void used() {
        member.used();
    }

    /** The place of this log among those that are mapped. */
    MappedLogs.Member member() {
        return member;
    }

    /**
     * Lets the log be idle until its next use: forces what was written, so that no failure of that goes unnoticed while
     * the files are closed, then drops mappings and closes files. False when somebody writes to it.
     */
    boolean rest() {
        if (writing.isHeldByCurrentThread() || !writing.tryLock()) {
            return false;
        }
        try {
            if (!closed) {
                settleForRest();
                member.idle();
            }
            return true;
        } finally {
            writing.unlock();
        }
    }

    /** A failure belongs to whoever writes next, not to the user of another log who needs the room. */
    private void settleForRest() {
        if (dirty && failure == null) {
            try {
                markClean();
            } catch (RuntimeException | InternalError e) {
                LOG.warn("Cannot force the idle log {}: {}", folder.folder(), stop(e).getMessage());
            }
        }
    }
}
