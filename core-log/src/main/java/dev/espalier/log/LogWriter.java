package dev.espalier.log;

import dev.espalier.merkle.BlockEncryption;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Prologue;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHashes;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import dev.espalier.merkle.VerificationException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Appends to a log and truncates it, for whoever holds its key pair.
 *
 * <p>An append is computed and signed first, then written in this order: data, nodes, entries, bits, head. Until the
 * head is written nothing happened; a kill in between leaves the old head valid.
 */
final class LogWriter {

    /** Most bytes that a block may have. */
    static final int MAX_BLOCK_BYTES = 15 << 20;

    /** What is to be committed does not continue the log. */
    private static final String DIVERGED = "ERR_DIVERGED";

    private static final String BAD_ARGUMENT = "BAD_ARGUMENT";
    private static final long MAX_FORK = (1L << 53) - 1;

    private final LogCore core;
    private final BlockCodec codec;

    /** Under the write lock. */
    private final AppendHasher leaves = new AppendHasher();

    LogWriter(LogCore core, BlockCodec codec) {
        this.core = core;
        this.codec = codec;
    }

    /** Appends all blocks in one step; returns the new length. */
    long append(List<ByteBuffer> blocks, Durability durability, AppendOptions options) {
        for (ByteBuffer block : blocks) {
            checkSize(core, block.remaining() + codec.padding(), codec.padding());
        }
        boolean plain = options.signature() == null && options.maxLength() == Long.MAX_VALUE;
        if (durability != Durability.NONE && plain && core.signer() != null && !blocks.isEmpty()) {
            return appendForced(new AppendQueue.Request(codec, blocks, durability));
        }
        TreeHead before;
        TreeHead after;
        core.writing().lock();
        try {
            core.checkOpen();
            before = core.head();
            if (core.signer() == null && core.prologue() == null && options.signature() == null) {
                throw notWritable();
            }
            if (blocks.isEmpty() || blocks.size() > options.maxLength() - before.length()) {
                return before.length();
            }
            List<ByteBuffer> stored = codec.encode(before.length(), before.fork(), blocks);
            add(stored, batch(stored), durability, options.signature());
            after = core.head();
        } finally {
            core.writing().unlock();
        }
        return announce(before, after);
    }

    /** Appends together with whoever wants to append at the same time: forcing takes long, and is needed once for all. */
    private long appendForced(AppendQueue.Request request) {
        List<TreeHead> heads = new ArrayList<>();
        try {
            return core.appends().append(request, core.writing(), all -> appendAll(all, heads));
        } finally {
            if (!heads.isEmpty()) {
                announce(heads.get(0), heads.get(heads.size() - 1));
            }
        }
    }

    /** Appends the blocks of all requests in one step; adds the heads before and after it to {@code heads}. */
    private void appendAll(List<AppendQueue.Request> requests, List<TreeHead> heads) {
        core.checkOpen();
        checkWritable();
        TreeHead before = core.head();
        List<ByteBuffer> stored = new ArrayList<>();
        Durability level = Durability.DATA;
        for (AppendQueue.Request one : requests) {
            try {
                stored.addAll(one.encoded(before.length() + stored.size(), before.fork()));
            } catch (RuntimeException e) {
                one.failed(e);
                continue;
            }
            if (one.durability() == Durability.FULL) {
                level = Durability.FULL;
            }
        }
        if (stored.isEmpty()) {
            return;
        }
        add(stored, batch(stored), level, null);
        long length = before.length();
        for (AppendQueue.Request one : requests) {
            if (!one.isDone()) {
                length += one.count();
                one.done(length);
            }
        }
        heads.add(before);
        heads.add(core.head());
    }

    /** Commits blocks to the log; see {@link #commitLocked}. Returns the new length. */
    long commit(StoredBlocks source, String name, Durability durability, CommitOptions options) {
        TreeHead before;
        TreeHead after;
        core.writing().lock();
        try {
            core.checkOpen();
            before = core.head();
            commitLocked(source, name, durability, options);
            after = core.head();
        } finally {
            core.writing().unlock();
        }
        return announce(before, after);
    }

    /**
     * Appends what {@code source} has beyond the log, up to the length asked for, as it is stored, in one step. Under the
     * write lock; callers keep the room of the source's blocks from being given back, and {@link #announce}.
     *
     * @param name what the source is, for people
     */
    void commitLocked(StoredBlocks source, String name, Durability durability, CommitOptions options) {
        long start = core.head().length();
        long end = checkCommit(source, name, options.length());
        if (start == end) {
            return;
        }
        List<ByteBuffer> stored = new ArrayList<>();
        for (long block = start; block < end; block++) {
            ByteBuffer bytes = source.block(block);
            if (bytes == null) {
                throw new EspalierException(LogCore.NOT_FOUND, "Block " + block + " of " + name + " is not held here.");
            }
            checkSize(core, bytes.remaining(), BlockEncryption.PADDING);
            stored.add(bytes);
        }
        TreeBatch batch = batch(stored);
        List<TreeNode> roots = source.roots(end);
        if (roots == null || !TreeHashes.tree(roots).equals(batch.treeHash())) {
            throw new VerificationException(
                    VerificationException.INVALID_CHECKSUM,
                    "Blocks " + start + " to " + (end - 1) + " of " + name
                            + " are not those that its tree is made of.");
        }
        add(stored, batch, durability, options.signature());
    }

    /** Refuses to commit what does not begin with all blocks of the log; returns the length to commit. */
    private long checkCommit(StoredBlocks source, String name, long asked) {
        TreeHead before = core.head();
        long length = source.head().length();
        if (asked < 0 || asked != Long.MAX_VALUE && asked > length) {
            throw new EspalierException(
                    BAD_ARGUMENT, "Cannot commit " + asked + " blocks of " + name + ", it has " + length + ".");
        }
        long end = Math.min(asked, length);
        if (before.length() > end) {
            throw new EspalierException(
                    DIVERGED,
                    "Cannot commit " + end + " blocks of " + name + " to log " + core.key() + ", which has "
                            + before.length() + ".");
        }
        List<TreeNode> roots = source.roots(before.length());
        if (roots == null) {
            throw new EspalierException(
                    LogCore.NOT_FOUND, "The tree of " + name + " at length " + before.length() + " is not held here.");
        }
        if (!TreeHashes.tree(roots).equals(before.treeHash())) {
            throw new EspalierException(
                    DIVERGED,
                    "Cannot commit " + name + " to log " + core.key() + ": they differ in the first " + before.length()
                            + " blocks.");
        }
        return end;
    }

    private TreeBatch batch(List<ByteBuffer> stored) {
        TreeBatch batch = new TreeBatch(core.head());
        byte[] hashes = leaves.hash(stored);
        for (int i = 0; i < stored.size(); i++) {
            batch.appendLeaf(stored.get(i).remaining(), hashes, i * Hash.BYTES);
        }
        return batch;
    }

    /** Appends blocks as they are stored; under the write lock. */
    private void add(List<ByteBuffer> stored, TreeBatch batch, Durability durability, byte @Nullable [] signature) {
        TreeHead before = core.head();
        Prologue.checkLength(core.prologue(), before.length(), batch.length());
        TreeHead after = head(before.fork(), batch.length(), batch.roots(), signature);
        core.beginWrite();
        try {
            store(core.files(), before.length(), stored, batch);
            core.commitAppend(after, durability);
        } catch (RuntimeException | InternalError e) {
            throw core.stop(e);
        }
        core.counted(before.length(), after.length());
    }

    /** Tells listeners that the log grew by what was appended since {@code before}, without the lock; returns the length. */
    long announce(TreeHead before, TreeHead after) {
        if (after.length() > before.length()) {
            core.events().headChanged();
            core.events().blocksStored(before.length(), after.length() - before.length());
        }
        return after.length();
    }

    /** Writes blocks and nodes of an append, which no head leads to yet. */
    static void store(LogFiles files, long first, List<ByteBuffer> blocks, TreeBatch batch) {
        long[] offsets = new long[blocks.size()];
        int[] lengths = new int[blocks.size()];
        Arrays.setAll(lengths, i -> blocks.get(i).remaining());
        files.data().append(blocks, offsets);
        files.tree().append(batch);
        files.entries().putAll(first, offsets, lengths);
        files.bits().set(first, first + blocks.size());
    }

    /** The same with the next fork number; for a reader, {@code length} 0 forgets all blocks and stays in the fork. */
    void truncate(long length) {
        truncate(length, -1, null);
    }

    /**
     * Drops all blocks from {@code length} on and signs the shorter tree with a larger fork number, or takes the signature
     * given. The head is forced to the device before anything is destroyed, whatever the durability.
     */
    void truncate(long length, long chosenFork, byte @Nullable [] signature) {
        TreeHead before;
        TreeHead after;
        core.writing().lock();
        try {
            core.checkOpen();
            before = core.head();
            boolean signed = core.signer() != null || signature != null;
            boolean forget = !signed && length == 0 && (chosenFork < 0 || chosenFork == before.fork());
            long fork = chosenFork >= 0 ? chosenFork : before.fork() + (forget ? 0 : 1);
            if (!signed && !forget) {
                throw notWritable();
            }
            checkTruncation(before, length, fork, forget);
            List<TreeNode> roots = core.roots(before, length);
            if (roots == null) {
                throw new EspalierException(
                        LogCore.NOT_FOUND,
                        "The tree of log " + core.key() + " at length " + length + " is not held here.");
            }
            after = forget ? TreeHead.of(fork, roots, null) : head(fork, length, roots, signature);
            core.branches().keep(length);
            core.beginWrite();
            try {
                core.commit(after, Durability.DATA);
                core.snapshots().cutting(length);
                core.uncounted(length, before.length());
                core.files().bits().clearFrom(length);
                core.files().tree().removeBeyond(length, 2 * before.length());
                core.files().entries().removeFrom(length, before.length());
            } catch (RuntimeException | InternalError e) {
                throw core.stop(e);
            }
        } finally {
            core.writing().unlock();
        }
        core.events().truncated(length, after.fork());
        core.events().headChanged();
    }

    /**
     * Gives up the data of blocks. Their bits are cleared first; before any room is given back they and the entries are
     * cleared on the device, too, so that no block seems to be held whose bytes are gone. Nodes stay.
     */
    long clear(long start, long end) {
        long first;
        long last;
        long freed;
        core.writing().lock();
        try {
            core.checkOpen();
            LogFiles files = core.files();
            BitFile bits = files.bits();
            long limit = Math.min(end, core.head().length());
            first = bits.nextSet(start, limit);
            if (first >= limit && core.holes().isEmpty()) {
                return 0;
            }
            core.beginWrite();
            try {
                core.settle(limit);
                last = giveUp(first, limit);
                freed = 0;
                if (files.data().file().canGiveBack()) {
                    bits.words().force(false);
                    files.entries().records().force(false);
                    freed = core.holes().giveBack();
                }
            } catch (RuntimeException | InternalError e) {
                throw core.stop(e);
            }
        } finally {
            core.writing().unlock();
        }
        if (first < last) {
            core.events().blocksCleared(first, last - first);
        }
        return freed;
    }

    /** Makes blocks absent and collects their room; returns the end of the last one. */
    private long giveUp(long first, long limit) {
        LogFiles files = core.files();
        boolean collect = files.data().file().canGiveBack();
        long end = first;
        for (long block = first; block < limit; block = files.bits().nextSet(block + 1, limit)) {
            long offset = files.entries().offset(block);
            int length = files.entries().length(block);
            if (collect && files.data().isValid(offset, length)) {
                core.holes().add(offset, length);
            }
            end = block + 1;
        }
        if (first < end) {
            core.uncounted(first, end);
            files.bits().clear(first, end);
            if (collect) {
                // Or a loss of power could keep the new bit and the old entry of a block that is fetched again.
                VarHandle.fullFence();
                files.entries().removeFrom(first, end);
            }
        }
        return end;
    }

    /**
     * Signs what an atom does: blocks from {@code keep} on go, these come. Nothing is written. Needs the write lock.
     *
     * @throws EspalierException when the log cannot be written, or its tree at {@code keep} is not held
     */
    AtomStep prepare(long keep, long fork, List<ByteBuffer> blocks) {
        core.checkOpen();
        TreeHead before = core.head();
        Prologue.checkLength(core.prologue(), before.length(), keep);
        List<TreeNode> roots = core.roots(before, keep);
        if (roots == null) {
            throw new EspalierException(
                    LogCore.NOT_FOUND, "The tree of log " + core.key() + " at length " + keep + " is not held here.");
        }
        List<ByteBuffer> stored = codec.encode(keep, fork, blocks);
        TreeBatch batch = new TreeBatch(TreeHead.of(fork, roots, null));
        stored.forEach(batch::append);
        Prologue.checkLength(core.prologue(), before.length(), batch.length());
        TreeHead after = head(fork, batch.length(), batch.roots(), null);
        return new AtomStep(core, before, after, keep, batch, stored);
    }

    /** Refuses a log that cannot be appended to. */
    void checkWritable() {
        if (core.signer() == null) {
            throw notWritable();
        }
        core.checkNotRestored();
    }

    /** Refuses a block that is too large for the log. */
    void checkSize(ByteBuffer block) {
        checkSize(core, block.remaining() + codec.padding(), codec.padding());
    }

    /** Refuses a block that is too large for a log, given its stored bytes and how many of those are padding. */
    static void checkSize(LogCore core, int stored, int padding) {
        int most = Math.min(MAX_BLOCK_BYTES, core.files().data().maxBlockBytes() - padding);
        if (stored - padding > most) {
            throw new EspalierException(
                    BAD_ARGUMENT, "A block has at most " + most + " bytes, this one has " + (stored - padding) + ".");
        }
    }

    private void checkTruncation(TreeHead before, long length, long fork, boolean forget) {
        checkLength("log " + core.key(), before, length);
        if (forget) {
            return;
        }
        if (fork <= before.fork() || fork > MAX_FORK) {
            throw new EspalierException(
                    BAD_ARGUMENT,
                    "Cannot truncate log " + core.key() + " with fork " + fork + ", the next one is "
                            + (before.fork() + 1) + ".");
        }
        checkPrologue(core, length);
    }

    /** Refuses to truncate to what is no length below this one. */
    static void checkLength(String what, TreeHead before, long length) {
        if (length < 0 || length > before.length()) {
            throw new EspalierException(
                    BAD_ARGUMENT,
                    "Cannot truncate " + what + " to " + length + " blocks, it has " + before.length() + ".");
        }
    }

    /** Refuses a length that is shorter than the prologue of a log. */
    static void checkPrologue(LogCore core, long length) {
        Prologue prologue = core.prologue();
        if (prologue != null && length < prologue.length()) {
            throw new VerificationException(
                    VerificationException.INVALID_OPERATION,
                    "The first " + prologue.length() + " blocks of log " + core.key() + " are fixed; length " + length
                            + " is below.");
        }
    }

    /** A head with the signature given, if it holds; else with one of the log's key pair. */
    private TreeHead head(long fork, long length, List<TreeNode> roots, byte @Nullable [] given) {
        HeadVerifier verifier = core.verifier();
        if (verifier == null) {
            throw notWritable();
        }
        TreeHead unsigned = TreeHead.of(fork, roots, null);
        KeyPair pair = core.signer();
        if (given == null && pair != null) {
            core.checkNotRestored();
            return TreeHead.of(fork, roots, verifier.sign(pair, unsigned.treeHash(), length, fork));
        }
        ProofBatch.checkSignature(given);
        if (verifier.verify(roots, length, fork, given)) {
            return TreeHead.of(fork, roots, given); // Without a signature where the prologue fixes the tree.
        }
        if (given == null
                && (core.prologue() == null || length != core.prologue().length())) {
            throw notWritable();
        }
        throw new VerificationException(
                VerificationException.INVALID_SIGNATURE,
                "The tree of log " + core.key() + " at length " + length + " and fork " + fork
                        + " is not the one that its signature or prologue is for.");
    }

    private EspalierException notWritable() {
        HeadVerifier verifier = core.verifier();
        boolean several = verifier != null && verifier.manifest().signers().size() > 1;
        return new EspalierException(
                "ERR_NOT_WRITABLE",
                "Log " + core.key() + " cannot be written here: "
                        + (several
                                ? "it has several signers, so a signature of theirs must be given."
                                : "this store does not hold its key pair."));
    }
}
