package dev.espalier.log;

import dev.espalier.merkle.ByteOffsets;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.NodeSource;
import dev.espalier.merkle.TreeHashes;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A log as it was when the snapshot was taken: length and content stay the same, whatever is appended, truncated or
 * reorganised later. Lives as long as it is open, not longer than its store.
 *
 * <p>Blocks that are not held are fetched as those of the log are, as long as the log still has them: below {@link
 * #signedLength}. What is truncated is kept if it is held then, at the price of some 200 bytes of memory for each block, up
 * to about a million of blocks per truncation; what was not held is gone.
 *
 * <p>Every method but {@link #close} throws {@link IllegalStateException} once this, or its store, is closed.
 *
 * <p><b>Threading:</b> any thread; reading takes no lock.
 */
public final class LogSnapshot implements AutoCloseable {

    private final Log log;
    private final LogCore core;
    private final BlockCodec codec;
    private final Frozen frozen;

    /** Takes over {@code log}, a handle of its own. */
    LogSnapshot(Log log, LogCore core, BlockCodec codec) {
        this.log = log;
        this.core = core;
        this.codec = codec;
        this.frozen = core.freeze();
    }

    private Frozen open() {
        log.core();
        return frozen;
    }

    /** The head when the snapshot was taken. */
    public TreeHead head() {
        return open().head();
    }

    /** Number of blocks. */
    public long length() {
        return head().length();
    }

    /** Bytes of all blocks, without padding. */
    public long byteLength() {
        TreeHead head = head();
        return codec.contentBytes(head.byteLength(), head.length());
    }

    /** Fork of the log when the snapshot was taken. */
    public long fork() {
        return head().fork();
    }

    /** Tree hash of all blocks. */
    public Hash treeHash() {
        return head().treeHash();
    }

    /** Tree hash at a shorter length; ERR_NOT_FOUND when a root of it is not held. */
    public Hash treeHash(long length) {
        List<TreeNode> roots = open().roots(length);
        if (roots != null) {
            return TreeHashes.tree(roots);
        }
        throw new EspalierException(
                LogCore.NOT_FOUND,
                "The tree at length " + length + " of a snapshot of log " + log.key() + " is not held here.");
    }

    /** Number of blocks that still are those of the log: the lowest length it was truncated to since. Never grows. */
    public long signedLength() {
        return open().signedLength();
    }

    /** The held nodes of the tree. */
    public NodeSource nodes() {
        return open();
    }

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
     * A copy of a block. Where it is not held, it is asked for and waited for at most this long; zero: not at all.
     *
     * @throws EspalierException ERR_NOT_FOUND past the length or when there is nobody to ask, ERR_TIMEOUT,
     *     SNAPSHOT_NOT_AVAILABLE for a block that was truncated before it was held here
     */
    public byte[] get(long index, @Nullable Duration timeout) {
        while (true) {
            byte[] held = copy(index);
            if (held != null) {
                return held;
            }
            if (index < 0 || index >= length()) {
                throw new EspalierException(
                        LogCore.NOT_FOUND,
                        "Block " + index + " was not found in a snapshot of log " + log.key() + " with " + length()
                                + " blocks.");
            }
            if (index >= signedLength()) {
                throw new EspalierException(
                        "SNAPSHOT_NOT_AVAILABLE",
                        "Block " + index + " of a snapshot of log " + log.key()
                                + " is not held here, and the log was truncated since.");
            }
            fetch(index, timeout);
        }
    }

    private void fetch(long index, @Nullable Duration timeout) {
        try {
            byte[] fetched = timeout == null ? log.get(index) : log.get(index, timeout);
            assert fetched != null;
        } catch (EspalierException e) {
            // Looked for again where the log was truncated meanwhile: the reason is another one then.
            if (index < signedLength()) {
                throw e;
            }
        }
    }

    /** Fetches what is not held of a range, as far as that is still possible; for readers that come later. */
    CompletableFuture<Void> fetch(long start, long end) {
        long limit = Math.min(end, signedLength());
        return start >= limit || log.has(start, limit)
                ? CompletableFuture.completedFuture(null)
                : log.download(start, limit);
    }

    /** Passes views of all blocks as they are stored; ERR_NOT_FOUND when one is not held. */
    void readAll(Consumer<List<ByteBuffer>> reader) {
        Frozen from = open();
        core.views().enter();
        try {
            List<ByteBuffer> blocks = new ArrayList<>();
            for (long i = 0; i < from.head().length(); i++) {
                ByteBuffer block = from.block(i);
                if (block == null) {
                    throw new EspalierException(
                            LogCore.NOT_FOUND, "Block " + i + " of log " + log.key() + " is not held here.");
                }
                blocks.add(block);
            }
            reader.accept(blocks);
        } finally {
            core.views().leave();
        }
    }

    /** Commits these blocks to another log. */
    long commitTo(LogWriter target, Durability durability, CommitOptions options) {
        Frozen from = open();
        core.views().enter();
        try {
            return target.commit(from, "log " + log.key(), durability, options);
        } finally {
            core.views().leave();
        }
    }

    private byte @Nullable [] copy(long index) {
        Frozen from = open();
        core.views().enter();
        try {
            ByteBuffer block = from.block(index);
            return block == null ? null : codec.copy(index, block);
        } finally {
            core.views().leave();
        }
    }

    /** Passes a read-only view of a held block, valid inside the call only; false when it is not held. */
    public boolean read(long index, Consumer<ByteBuffer> reader) {
        Frozen from = open();
        core.views().enter();
        try {
            ByteBuffer block = from.block(index);
            if (block == null) {
                return false;
            }
            reader.accept(codec.content(index, block));
            return true;
        } finally {
            core.views().leave();
        }
    }

    /** Block and offset in it of byte {@code position}, padding not counted, as {@link Log#seek} says. */
    public Optional<Log.Position> seek(long position) {
        while (true) {
            Frozen from = open();
            ByteOffsets.Position found = new ByteOffsets(from, from.head(), codec.padding()).seek(position);
            if (found == null) {
                return Optional.empty();
            }
            if (found.isBlock()) {
                return Optional.of(new Log.Position(found.firstBlock(), found.offset()));
            }
            if (log.fork() == from.head().fork() && log.length() >= from.head().length()) {
                log.narrow(position, found);
            } else {
                byte[] brought = get(found.firstBlock());
                assert brought != null;
            }
        }
    }

    /** Gives back what was kept for this snapshot. */
    @Override
    public void close() {
        core.snapshots().forget(frozen);
        log.close();
    }

    @Override
    public String toString() {
        return "LogSnapshot[" + log.key() + " at " + frozen.head().length() + "]";
    }
}
