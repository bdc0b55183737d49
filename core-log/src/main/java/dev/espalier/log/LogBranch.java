package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.TreeHead;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A handle on a named branch of a log (log specification §13): it begins with the log's blocks, goes on with its own, and
 * nobody but this store knows of it. Nothing of it is signed, so that everybody can write a branch, of any log. {@link
 * Log#commit(LogBranch)} appends its blocks to the log.
 *
 * <p>A branch is kept until {@link Log#deleteBranch}, as durable as a log. All handles on one name share one branch. It
 * keeps what it has in common with the log when that is truncated: blocks that are held then are copied. Blocks that were
 * not are fetched as those of the log are, as long as the log has them.
 *
 * <p>With a handle on an encrypted log, the branch's own blocks are encrypted, too, each with padding that is chosen at
 * random and not by the fork: writing a block again never uses a stream twice, and everybody with the key can read it.
 *
 * <p>Every method but {@link #name}, {@link #toString} and {@link #close} throws {@link IllegalStateException} once this
 * handle, its log or its store is closed, or the branch was deleted or begun anew.
 *
 * <p><b>Threading:</b> any thread; reading takes no lock, writers of one branch wait for each other.
 */
public final class LogBranch implements AutoCloseable {

    private final Log log;
    private final BranchCore core;
    private final BlockCodec codec;
    private final String name;
    private boolean released;

    /** Takes over {@code log}, a handle of its own, and the caller's hold of the branch. */
    LogBranch(Log log, BranchCore core, BlockCodec codec) {
        this.log = log;
        this.core = core;
        this.codec = codec;
        this.name = core.name();
    }

    private BranchCore open() {
        LogCore of = log.core();
        assert of == core.log();
        core.own().checkOpen();
        core.own().used();
        return core;
    }

    /** The name of the branch. */
    public String name() {
        return name;
    }

    /** The newest head, which is not signed: one volatile read. */
    public TreeHead head() {
        return open().head();
    }

    /** Number of blocks, those shared with the log included. */
    public long length() {
        return head().length();
    }

    /** Bytes of all blocks, without the padding of encrypted ones. */
    public long byteLength() {
        TreeHead head = head();
        return codec.contentBytes(head.byteLength(), head.length());
    }

    /** That of the log when the branch was made, and one more for each truncation of the branch. */
    public long fork() {
        return head().fork();
    }

    /** Number of first blocks that are those of the log now. Costs some tens of tree nodes where the two differ. */
    public long signedLength() {
        return open().signedLength();
    }

    /** Tree hash of all blocks: what a signature for committing all of them is made of, with the fork of the log. */
    public Hash treeHash() {
        return head().treeHash();
    }

    /** Tree hash at a shorter length; ERR_NOT_FOUND when it is not held, or longer. */
    public Hash treeHash(long length) {
        Hash hash = open().treeHash(length);
        if (hash == null) {
            throw new EspalierException(
                    LogCore.NOT_FOUND, "The tree of " + describe() + " at length " + length + " is not held here.");
        }
        return hash;
    }

    private String describe() {
        return "branch \"" + name + "\" of log " + log.key();
    }

    // ---- writing

    /** Appends one block with the store's durability; returns the new length. */
    public long append(byte[] block) {
        return append(List.of(ByteBuffer.wrap(block)));
    }

    /** Appends all blocks atomically with the store's durability; returns the new length. */
    public long append(List<ByteBuffer> blocks) {
        return append(blocks, log.store().durability());
    }

    /**
     * Appends all blocks atomically; returns the new length.
     *
     * @throws EspalierException BAD_ARGUMENT for a block above {@link Log#MAX_BLOCK_BYTES}
     * @throws StorageException when writing failed; the branch can be read on, and takes no more until it is opened again
     */
    public long append(List<ByteBuffer> blocks, Durability durability) {
        return open().append(blocks, codec, durability);
    }

    /**
     * Drops all blocks from {@code length} on. Those of the log stay in the log. Forced to the device, whatever the
     * durability.
     *
     * @throws EspalierException BAD_ARGUMENT for a length above the current one
     * @throws dev.espalier.merkle.VerificationException INVALID_OPERATION for a length below the log's prologue
     */
    public void truncate(long length) {
        open().truncate(length);
    }

    /** Forces what was acknowledged so far to the device. */
    public void sync() {
        open().sync();
    }

    /** Commits to {@code target}, a handle on the log of this branch. */
    long commitTo(Log target, Durability durability, CommitOptions options) {
        BranchCore branch = open();
        if (target.core() != branch.log()) {
            throw new IllegalArgumentException(describe() + " is no branch of log " + target.key());
        }
        LogWriter writer = target.writer();
        return writer.announce(branch.commitTo(writer, durability, options), target.head());
    }

    // ---- reading

    /** Whether a block is held here. */
    public boolean has(long index) {
        return open().block(index) != null;
    }

    /** Byte length of a held block, without padding; -1 when it is not held. */
    public int blockLength(long index) {
        ByteBuffer block = open().block(index);
        return block == null ? -1 : codec.contentLength(index, block.remaining());
    }

    /** A copy of a block; see {@link #get(long, Duration)}. Waits without limit where it has to be fetched. */
    public byte[] get(long index) {
        return get(index, null);
    }

    /**
     * A copy of a block. One of the log's that is not held is asked for and waited for at most this long; zero: not at all.
     *
     * @throws EspalierException ERR_NOT_FOUND past the length or when there is nobody to ask, ERR_TIMEOUT,
     *     SNAPSHOT_NOT_AVAILABLE for a block of the log that was truncated before it was held here
     */
    public byte[] get(long index, @Nullable Duration timeout) {
        while (true) {
            byte[][] copy = new byte[1][];
            if (read(index, block -> copy[0] = bytes(block))) {
                return copy[0];
            }
            if (index < 0 || index >= length()) {
                throw new EspalierException(
                        LogCore.NOT_FOUND,
                        "Block " + index + " was not found in " + describe() + ", which has " + length() + " blocks.");
            }
            if (index >= open().base()) {
                throw new EspalierException(
                        "SNAPSHOT_NOT_AVAILABLE",
                        "Block " + index + " of " + describe() + " is not held here, and the log was truncated since.");
            }
            fetch(index, timeout);
        }
    }

    private static byte[] bytes(ByteBuffer block) {
        byte[] copy = new byte[block.remaining()];
        block.get(copy);
        return copy;
    }

    private void fetch(long index, @Nullable Duration timeout) {
        try {
            byte[] fetched = timeout == null ? log.get(index) : log.get(index, timeout);
            assert fetched != null;
        } catch (EspalierException e) {
            if (index < open().base()) { // Else the log was truncated meanwhile: the reason is another one.
                throw e;
            }
        }
    }

    /** Passes a read-only view of a held block, valid inside the call only; false when it is not held. */
    public boolean read(long index, Consumer<ByteBuffer> reader) {
        BranchCore branch = open();
        branch.enter();
        try {
            ByteBuffer block = branch.block(index);
            if (block == null) {
                return false;
            }
            reader.accept(codec.content(index, block));
            return true;
        } finally {
            branch.leave();
        }
    }

    /** Gives the handle back. The branch stays. */
    @Override
    public void close() {
        synchronized (this) {
            if (released) {
                return;
            }
            released = true;
        }
        core.log().branches().release(core);
        log.close();
    }

    @Override
    public String toString() {
        return "LogBranch[" + name + " of " + log.key() + "]";
    }
}
