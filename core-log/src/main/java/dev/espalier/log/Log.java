package dev.espalier.log;

import dev.espalier.merkle.ByteOffsets;
import dev.espalier.merkle.Conflict;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.NodeSource;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.ProofVerifier;
import dev.espalier.merkle.Prover;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.VerificationException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A handle on one log. Handles on the same log share its open files; all see the same head.
 *
 * <p>Every method but {@link #key}, {@link #id}, {@link #discoveryKey}, {@link #toString} and {@link #close} throws
 * {@link IllegalStateException} once this handle, or its store, is closed. {@link StorageException} may come out of
 * everything that reads or writes blocks.
 *
 * <p><b>Threading:</b> any thread. Reading takes no lock and is never held up by a writer; writers of one log wait for
 * each other.
 */
public final class Log implements AutoCloseable {

    /** Most bytes that one block may have. */
    public static final int MAX_BLOCK_BYTES = LogWriter.MAX_BLOCK_BYTES;

    /** Blocks that a byte stream fetches ahead. */
    private static final int PREFETCH = 32;

    private final OpenStore store;
    private final LogCore core;
    private final LogWriter writer;
    private final BlockRequests requests;
    private final LogOptions options;
    private final BlockCodec codec;
    private final Kind kind;
    private boolean released;
    private volatile boolean closed;

    /** What a handle means for the log. */
    enum Kind {
        /** Keeps it open and in use. */
        USER,
        /** Keeps it open. */
        GUEST,
        /** Nothing. */
        WEAK
    }

    Log(OpenStore store, LogCore core, LogOptions options, Kind kind) {
        this.store = store;
        this.core = core;
        this.options = options;
        this.codec = options.codec(core);
        this.writer = new LogWriter(core, codec);
        this.requests = new BlockRequests(store, core, codec);
        this.kind = kind;
    }

    private LogCore open() {
        if (closed) {
            throw new IllegalStateException("this handle on log " + core.key() + " is closed");
        }
        core.checkOpen();
        core.used();
        return core;
    }

    // ---- identity

    /** The public name of the log. */
    public Key key() {
        return core.key();
    }

    /** The key as text. */
    public String id() {
        return key().toString();
    }

    /** The name under which peers look for the log without learning its key. */
    public Key discoveryKey() {
        return core.folder().discoveryKey();
    }

    /** Null for a reader that has not heard from a peer yet. */
    public @Nullable Manifest manifest() {
        return open().identity().manifest();
    }

    /** The name under which this store made the log, for logs of {@link LogStore#log(String)}. */
    public Optional<String> name() {
        KeyPair pair = open().signer();
        // A log that is only signed like a named one has another key.
        return pair != null
                        && core.identity().signer() instanceof Identity.Derived derived
                        && Manifest.singleSigner(pair.publicKey()).key().equals(key())
                ? Optional.of(derived.name())
                : Optional.empty();
    }

    /** Whether this store holds the key pair that appends to the log. */
    public boolean writable() {
        return open().signer() != null;
    }

    /** Where the key pair that appends to the log comes from; null for a reader. */
    Identity.@Nullable SignerSource signerSource() {
        return open().identity().signer();
    }

    /** Another handle on the same log, with the same encryption. */
    public Log session() {
        return session(options);
    }

    /** Another handle on the same log that sees its blocks as {@code view} says. */
    public Log session(LogOptions view) {
        return store.handle(open(), view, Kind.USER);
    }

    /**
     * Another handle for somebody who serves the log to others: it keeps the log open, but the log counts as unused when
     * only such handles are left. It sees blocks as they are stored. See {@link LogStore#onOpened} and {@link
     * LogListener#unused}.
     */
    public Log guest() {
        return store.handle(open(), LogOptions.PLAIN, Kind.GUEST);
    }

    /** Whether this handle encrypts what is appended and decrypts what is read. */
    public boolean encrypted() {
        return options.isEncrypted();
    }

    /** Bytes before each stored block that do not count in its content: 8 with the usual encryption, else 0. */
    public int padding() {
        return codec.padding();
    }

    /** Whether anybody uses the log, that is, whether there are handles on it other than guests. */
    public boolean used() {
        return store.used(open());
    }

    // ---- state, without locks

    /** The newest head: one volatile read. */
    public TreeHead head() {
        return open().head();
    }

    /** Number of blocks, held here or not. */
    public long length() {
        return head().length();
    }

    /** Bytes of all blocks, held here or not, without the {@link #padding} of each; see {@link TreeHead#byteLength}. */
    public long byteLength() {
        TreeHead head = head();
        return codec.contentBytes(head.byteLength(), head.length());
    }

    /** How often the log was truncated. */
    public long fork() {
        return head().fork();
    }

    /** The hash of all blocks that is signed. */
    public Hash treeHash() {
        return head().treeHash();
    }

    /** Tree hash at a shorter length; ERR_NOT_FOUND when a root of it is not stored. */
    public Hash treeHash(long length) {
        return open().treeHash(length);
    }

    /** Number of blocks held from 0 without a gap. */
    public long contiguousLength() {
        return open().contiguous();
    }

    /**
     * The longest run of blocks from 0 that a peer connected now said it holds, of the fork known here; 0 without peers. How
     * much of the log is somewhere else, too.
     */
    public long remoteContiguousLength() {
        open();
        BlockSource source = store.source();
        return source == null ? 0 : source.remoteContiguousLength(this);
    }

    /** Whether a block is held here. */
    public boolean has(long index) {
        return open().has(index);
    }

    /** Whether all of {@code start} to {@code end - 1} are held; true for an empty range. */
    public boolean has(long start, long end) {
        return nextAbsent(start, end) >= end;
    }

    /** First block at or after {@code from} and below {@code end} that is not held; {@code end} when there is none. */
    public long nextAbsent(long from, long end) {
        LogCore log = open();
        long length = log.readable(log.head());
        if (from >= end) {
            return end;
        }
        if (from < 0 || from >= length) {
            return from;
        }
        long limit = Math.min(end, length);
        long next = log.files().bits().nextClear(from, limit);
        return next < limit ? next : limit;
    }

    /** First block at or after {@code from} and below {@code end} that is held; {@code end} when there is none. */
    public long nextPresent(long from, long end) {
        LogCore log = open();
        long limit = Math.min(end, log.readable(log.head()));
        long next = from >= limit ? limit : log.files().bits().nextSet(Math.max(0, from), limit);
        return next < limit ? next : end;
    }

    /** Number of blocks held. */
    public long presentCount() {
        return open().held();
    }

    /** Number of blocks held of {@code start} to {@code end - 1}. */
    public long presentCount(long start, long end) {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("no range of blocks: " + start + " to " + end);
        }
        LogCore log = open();
        long limit = Math.min(end, log.readable(log.head()));
        return start < limit ? log.files().bits().count(start, limit) : 0;
    }

    /**
     * Copies the bits of {@code words * 32} blocks from {@code start} (a multiple of 32), LSB first, little endian, into
     * {@code target}, whose position moves.
     */
    public void copyBits(long start, int words, ByteBuffer target) {
        if (start < 0 || start % 32 != 0) {
            throw new IllegalArgumentException("start must be a multiple of 32: " + start);
        }
        Objects.checkFromIndexSize(target.position(), 4L * words, target.limit());
        LogCore log = open();
        log.files().bits().copy(start, words, log.readable(log.head()), target);
    }

    // ---- writing

    /**
     * Appends one block with the store's durability; returns the new length. Takes the remaining bytes; the buffer stays
     * the caller's, and so does its position.
     */
    public long append(ByteBuffer block) {
        return append(List.of(block));
    }

    /** Appends one block with the store's durability; returns the new length. */
    public long append(byte[] block) {
        return append(ByteBuffer.wrap(block));
    }

    /** Appends all blocks atomically: one signature, all or nothing. An empty list changes nothing. */
    public long append(List<ByteBuffer> blocks) {
        return append(blocks, store.durability());
    }

    /** Appends all blocks atomically and keeps the promise of {@code durability} before it returns the new length. */
    public long append(List<ByteBuffer> blocks, Durability durability) {
        return append(blocks, AppendOptions.DEFAULT.withDurability(durability));
    }

    /**
     * Appends all blocks atomically as {@code options} say; returns the new length, or the old one where the log would
     * become longer than it may.
     *
     * @throws EspalierException ERR_NOT_WRITABLE without the key pair, or without a signature where the log has several
     *     signers; BAD_ARGUMENT for a block above {@link #MAX_BLOCK_BYTES}
     * @throws VerificationException INVALID_SIGNATURE when the signature given is not of this append, INVALID_OPERATION
     *     when the log would still be shorter than its prologue
     * @throws StorageException when writing failed; the log can be read on, and takes no more until it is opened again
     */
    public long append(List<ByteBuffer> blocks, AppendOptions options) {
        open();
        return writer.append(blocks, durability(options.durability()), options);
    }

    private Durability durability(@Nullable Durability asked) {
        return asked == null ? store.durability() : asked;
    }

    /**
     * Appends what another log has beyond this one, up to the length that {@code options} say, in one step: copied as it is
     * stored, encrypted or not, and signed anew, with this log's key pair or with a signature given. The other log must begin
     * with all blocks of this one. So a log with several signers gets the blocks of the log that they signed. Where this log
     * has the blocks already, nothing happens: a commit that was interrupted can be made again.
     *
     * @param source any log, of this store or of another one; it stays as it is
     * @return the new length
     * @throws EspalierException ERR_DIVERGED when this log is longer than what is committed, or has other blocks;
     *     ERR_NOT_FOUND when a block of the source is not held here; BAD_ARGUMENT when the source is shorter than asked for;
     *     ERR_NOT_WRITABLE without the key pair, or without a signature where the log has several signers
     * @throws VerificationException INVALID_SIGNATURE when the signature given is not of this log with these blocks
     * @throws StorageException as for {@link #append(List, AppendOptions)}
     */
    public long commit(Log source, CommitOptions options) {
        open();
        try (LogSnapshot now = source.snapshot()) {
            return now.commitTo(writer, durability(options.durability()), options);
        }
    }

    // ---- branches

    /**
     * The branch of this name: where it was left, or a new one at the head of the log. All handles on one name see the same
     * branch. It sees blocks as this handle does. See {@link LogBranch}.
     *
     * @throws EspalierException ERR_NOT_FOUND when the tree of the log is not held here
     */
    public LogBranch branch(String name) {
        return branch(core().branches().open(name));
    }

    /**
     * A new branch at {@code length} of the log, in place of the one of this name, if there is one: that is gone with all of
     * its own blocks, and handles on it are closed.
     *
     * @throws EspalierException BAD_ARGUMENT when the log is shorter
     * @throws VerificationException INVALID_OPERATION for a length below the prologue's
     */
    public LogBranch newBranch(String name, long length) {
        return branch(core().branches().restart(name, length));
    }

    private LogBranch branch(BranchCore branch) {
        try {
            return new LogBranch(session(), branch, codec);
        } catch (RuntimeException e) {
            core.branches().release(branch);
            throw e;
        }
    }

    /** Names of all branches, sorted. */
    public List<String> branches() {
        return core().branches().names();
    }

    /** Deletes a branch with all of its own blocks, and closes the handles on it; false when there is none. */
    public boolean deleteBranch(String name) {
        return core().branches().delete(name);
    }

    /** Commits all of a branch with the store's durability and the log's key pair; see {@link #commit(LogBranch, CommitOptions)}. */
    public long commit(LogBranch branch) {
        return commit(branch, CommitOptions.DEFAULT);
    }

    /**
     * Appends what a branch of this log has beyond it, up to the length that {@code options} say, in one step, and signs it
     * with the log's key pair or with a signature given. Where the log has the blocks already, nothing happens.
     *
     * @return the new length
     * @throws EspalierException ERR_DIVERGED when the log is longer than what is committed, or has other blocks; and as
     *     {@link #commit(Log, CommitOptions)} does
     * @throws VerificationException INVALID_SIGNATURE when the signature given is not of this log with these blocks
     * @throws StorageException as for {@link #append(List, AppendOptions)}
     */
    public long commit(LogBranch branch, CommitOptions options) {
        return branch.commitTo(this, durability(options.durability()), options);
    }

    /**
     * Drops all blocks from {@code length} on, signs the shorter tree with fork + 1. On a log that is not {@link #writable}
     * here, 0 forgets all that is held and known of the blocks, and changes the log for nobody else.
     *
     * @throws EspalierException ERR_NOT_WRITABLE; BAD_ARGUMENT for a length above the current one
     * @throws VerificationException INVALID_OPERATION for a length below the prologue's
     */
    public void truncate(long length) {
        open();
        writer.truncate(length);
    }

    /** The same with a fork number of choice, larger than the current one (else BAD_ARGUMENT). */
    public void truncate(long length, long fork) {
        truncate(length, fork, null);
    }

    /**
     * The same with a signature made elsewhere, as a log with several signers needs it.
     *
     * @throws VerificationException INVALID_SIGNATURE when it is not of this truncation
     */
    public void truncate(long length, long fork, byte @Nullable [] signature) {
        open();
        if (fork < 0) {
            throw new EspalierException("BAD_ARGUMENT", "A fork number is not negative: " + fork + ".");
        }
        writer.truncate(length, fork, signature);
    }

    /**
     * Gives up the data of blocks {@code start} to {@code end - 1}, as far as they are held: length and tree stay, and the
     * blocks can be fetched again. Whole pages of blocks that lie together are given back to the file system where that is
     * possible: on Linux, from Java 22 on, with {@code --enable-native-access}. Room that somebody {@linkplain #view looks
     * at} is given back by a later call.
     *
     * @param end clipped to the length
     * @return bytes by which the files take less room now than before the call
     */
    public long clear(long start, long end) {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("no range of blocks: " + start + " to " + end);
        }
        open();
        return writer.clear(start, end);
    }

    /** Forces what was acknowledged so far to the device. */
    public void sync() {
        open().sync();
    }

    // ---- reading

    /**
     * A copy of a block. Absent: asks the store's source and waits without limit.
     *
     * @throws EspalierException ERR_NOT_FOUND at once when there is nobody to ask, or when the index is past the length
     *     and nobody can tell more
     */
    public byte[] get(long index) {
        byte[] held = heldCopy(index);
        return held != null ? held : requests.await(requests.get(this, index), index, null);
    }

    /** The same with a limit: ERR_TIMEOUT saying what is missing. Zero: only what is held here (ERR_NOT_FOUND). */
    public byte[] get(long index, Duration timeout) {
        byte[] held = heldCopy(index);
        if (held != null) {
            return held;
        }
        if (timeout.isZero()) {
            throw requests.absent(index);
        }
        return requests.await(requests.get(this, index), index, timeout);
    }

    /** The same without waiting. Cancelling withdraws the wish. */
    public CompletableFuture<byte[]> getAsync(long index) {
        open();
        return requests.get(this, index);
    }

    private byte @Nullable [] heldCopy(long index) {
        open();
        return requests.copy(index);
    }

    /**
     * Passes a read-only view of a held block, valid inside the call only; false when the block is not held. Copies and
     * allocates nothing but the view, unless the block has to be decrypted.
     */
    public boolean read(long index, Consumer<ByteBuffer> reader) {
        LogCore log = open();
        log.views().enter();
        try {
            ByteBuffer block = log.block(index);
            if (block == null) {
                return false;
            }
            reader.accept(codec.content(index, block));
            return true;
        } finally {
            log.views().leave();
        }
    }

    /**
     * A view of a held block that stays valid until closed; empty when it is not held. As long as views are open, no room
     * of {@linkplain #clear cleared} blocks is given back.
     */
    public Optional<BlockView> view(long index) {
        LogCore log = open();
        log.views().enter();
        MappedView view = null;
        try {
            ByteBuffer block = log.block(index);
            if (block != null) {
                view = new MappedView(codec.content(index, block), log.views());
            }
            return Optional.ofNullable(view);
        } finally {
            if (view == null) {
                log.views().leave();
            }
        }
    }

    /** Byte length of a held block, without {@link #padding}; -1 when it is not held. */
    public int blockLength(long index) {
        int stored = open().blockLength(index);
        return stored < 0 ? -1 : codec.contentLength(index, stored);
    }

    /**
     * Block and offset in it of byte {@code position}, {@link #padding} not counted, by the stored tree; empty beyond the
     * end. At the very end it is offset 0 of the block after the last. Where nodes lack, peers are asked for them, and at
     * most for one block, and waited for without limit; ERR_NOT_FOUND when there is nobody to ask.
     */
    public Optional<Position> seek(long position) {
        return requests.seek(this, position, null);
    }

    /** The same with a limit: ERR_TIMEOUT. Zero: only what is known here (ERR_NOT_FOUND). */
    public Optional<Position> seek(long position, Duration timeout) {
        return requests.seek(this, position, timeout);
    }

    /**
     * A place in the bytes of a log.
     *
     * @param block the block
     * @param offset bytes from its start
     */
    public record Position(long block, long offset) {}

    /** The log as it is now; stays so until it is closed, whatever becomes of the log. Waits for a writer. */
    public LogSnapshot snapshot() {
        Log own = session();
        try {
            return new LogSnapshot(own, open(), codec);
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    // ---- streams

    /** All bytes of the log as it is now; see {@link #newInputStream(long, long, int)}. */
    public InputStream newInputStream() {
        return newInputStream(0, Long.MAX_VALUE, PREFETCH);
    }

    /**
     * Bytes across blocks, padding not counted, of the log as it is now, whatever is truncated later. Blocks that are not
     * held are fetched and waited for. To be closed.
     *
     * @param offset first byte
     * @param length most bytes; cut at the end of the log
     * @param prefetch blocks to fetch ahead of the reader, 0 for none
     */
    public InputStream newInputStream(long offset, long length, int prefetch) {
        if (offset < 0 || length < 0 || prefetch < 0) {
            throw new IllegalArgumentException("negative: " + offset + ", " + length + ", " + prefetch);
        }
        return new LogInputStream(snapshot(), offset, length, prefetch);
    }

    /** Appends what is written in blocks of 64 KiB, several at once; the rest when flushed or closed. */
    public OutputStream newOutputStream() {
        return newOutputStream(64 << 10);
    }

    /**
     * The same with blocks of {@code blockBytes}.
     *
     * @throws EspalierException ERR_NOT_WRITABLE
     */
    public OutputStream newOutputStream(int blockBytes) {
        if (blockBytes <= 0 || blockBytes > MAX_BLOCK_BYTES) {
            throw new IllegalArgumentException("a block has 1 to " + MAX_BLOCK_BYTES + " bytes, not " + blockBytes);
        }
        writer.append(List.of(), Durability.NONE, AppendOptions.DEFAULT); // Refused now where it would be later.
        return new LogOutputStream(session(), blockBytes);
    }

    /** Blocks {@code start} to {@code end - 1} of the log as it is now, or to its end if that comes first. */
    public BlockStream blocks(long start, long end) {
        return blocks(start, end, false);
    }

    /** All blocks from {@code start} on, those that will be appended, too. */
    public BlockStream liveBlocks(long start) {
        return blocks(start, Long.MAX_VALUE, true);
    }

    private BlockStream blocks(long start, long end, boolean live) {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("no range of blocks: " + start + " to " + end);
        }
        return new BlockStream(session(), start, end, live);
    }

    // ---- a log that was restored

    /**
     * Whether this is a copy out of a backup or an exported file. Its original may have signed more since, and signing
     * something else in its place would be a {@link #conflict} that nobody can mend. So appending and truncating fail with
     * ERR_RESTORED until {@link #recover} or {@link #endRecovery}.
     */
    public boolean restored() {
        return open().identity().restored();
    }

    /**
     * Asks peers for the newest head, at most this long, and ends the hold on a {@link #restored} log when one that is at
     * least as far as this log has answered. True when the log can be written on.
     */
    public boolean recover(Duration timeout) {
        LogCore log = open();
        if (!log.identity().restored()) {
            return true;
        }
        requests.update(this, timeout);
        BlockSource source = store.source();
        OptionalLong remote = source == null ? OptionalLong.empty() : source.remoteLength(this);
        if (remote.isEmpty() || remote.getAsLong() != length()) {
            return false; // Nobody answered, nobody who knows all of it, or there is more that did not come yet.
        }
        endRecovery();
        return true;
    }

    /** Ends the hold on a {@link #restored} log for somebody who knows that the original signed nothing since. */
    public void endRecovery() {
        open().identity(identity -> identity.withRestored(false));
    }

    /**
     * Writes the log as one file that {@link LogStore#importLog} reads: what is held of it, and the signed head. The log may
     * be appended to meanwhile; the file has it as it is now. Encrypted blocks stay so. A file of this name is replaced.
     *
     * @return number of blocks written
     * @throws CorruptLogException when something of it does not hold what was signed
     */
    public long exportTo(Path file) {
        return ExportFile.write(open(), file).blocks();
    }

    // ---- the seam to peers

    /** Asks peers for the newest head, at most this long; true when it changed. */
    public boolean update(Duration timeout) {
        open();
        return requests.update(this, timeout);
    }

    /**
     * Wants all of {@code start} to {@code end} (exclusive); completes when held. {@link Long#MAX_VALUE} as end follows the
     * log as it grows and never completes. Cancelling withdraws the wish.
     */
    public CompletableFuture<Void> download(long start, long end) {
        Blocks range = Blocks.range(start, end);
        open().checkNoConflict();
        return requests.download(this, range);
    }

    /**
     * Wants some blocks, and tells how far they are; close the result to withdraw the wish.
     *
     * <pre>{@code
     * try (LogDownload download = log.fetch(Blocks.range(0, log.length()))) {
     *     download.onProgress(now -> bar.show(now.heldBlocks(), now.totalBlocks()), executor);
     *     download.done().join();
     * }
     * }</pre>
     */
    public LogDownload fetch(Blocks blocks) {
        open().checkNoConflict();
        return new LogDownload(this, blocks, requests.download(this, blocks));
    }

    /** The stored nodes of the newest tree, whichever that is at each call; for proofs. */
    public NodeSource nodes() {
        open();
        return index -> {
            LogCore log = open();
            return log.nodes(log.head()).node(index);
        };
    }

    /**
     * A proof of the newest head; a block's value is what is stored, encrypted or not: a view of mapped memory, valid
     * as long as this handle is open and the block is not {@linkplain #clear cleared} ({@link #view} keeps it).
     *
     * @throws EspalierException ERR_NOT_FOUND when the block is not held, INVALID_OPERATION when refused
     */
    public Proof prove(ProofRequest request) {
        while (true) {
            LogCore log = open();
            TreeHead head = log.head();
            try {
                Proof proof = prove(log, head, request);
                if (log.isStill(head)) {
                    return proof;
                }
            } catch (VerificationException e) {
                if (log.isStill(head)) {
                    throw e;
                }
            }
        }
    }

    private Proof prove(LogCore log, TreeHead head, ProofRequest request) {
        Proof proof = Prover.prove(log.nodes(head), head, log.prologue(), request);
        if (proof.block() != null) {
            ByteBuffer block = log.block(proof.block().index());
            if (block == null) {
                throw requests.absent(proof.block().index());
            }
            proof = proof.withValue(block);
        }
        HeadVerifier verifier = log.verifier();
        return request.manifest() && verifier != null && !verifier.compat()
                ? proof.withManifest(verifier.manifest())
                : proof;
    }

    /**
     * Verifies a proof and stores what it brings in one step, with {@link Durability#NONE}. A log without blocks takes an
     * upgrade of any larger fork.
     *
     * @return false when it is of another fork, or the log has moved on meanwhile so that it does not fit any more
     * @throws VerificationException when it does not hold; nothing was changed
     */
    public boolean apply(Proof proof) {
        ProofBatch batch = proofs();
        return batch.add(proof) && batch.store()[0];
    }

    /** Proofs that are stored together, none as yet. */
    public ProofBatch proofs() {
        return new ProofBatch(open());
    }

    /**
     * Begins to move the log to a larger fork, which always wins, with the proof of an upgrade from 0 to its head.
     *
     * @throws VerificationException when the proof does not hold, or its fork is not larger; nothing was changed
     */
    public LogReorg reorg(Proof first) {
        return LogReorg.begin(open(), store.journal(), first);
    }

    /**
     * Evidence that the signers of the log signed two different trees of one fork and length, with a proof of each; empty
     * for the usual log. Such a log is frozen for good: what is held can be read, but appending to it and fetching for it
     * fail with ERR_CONFLICT.
     */
    public Optional<Conflict> conflict() {
        return Optional.ofNullable(open().conflict());
    }

    /**
     * Compares a peer's proof of an upgrade from 0 with the tree held here, and freezes the log if both are signed and
     * differ. The evidence is durable on return.
     *
     * @return whether the proof shows a conflict; false also when the two cannot be compared, being of another fork, or
     *     longer than the log
     * @throws VerificationException when the proof does not hold
     */
    public boolean freezeOnConflict(Proof other) {
        LogCore log = open();
        Proof.Upgrade upgrade = other.upgrade();
        if (upgrade == null
                || upgrade.start() != 0
                || upgrade.length() == 0
                || upgrade.length() > log.head().length()
                || other.fork() != log.head().fork()) {
            return false;
        }
        Proof own = prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, upgrade.length()), true));
        ProofVerifier verifier = new ProofVerifier(key(), log.identity().manifest());
        Conflict found = Conflict.between(verifier, own, other);
        if (found == null) {
            return false;
        }
        // With the manifest, both proofs hold for whoever has nothing but the key.
        Conflict evidence = new Conflict(found.fork(), found.length(), own, other.withManifest(own.manifest()));
        if (log.freeze(evidence)) {
            log.events().conflict(evidence);
        }
        return true;
    }

    /** For whoever serves the log to others: tells listeners that a block was {@linkplain LogListener#blockSent sent}. */
    public void sent(long index, int bytes) {
        open().events().blockSent(index, bytes);
    }

    /** Tells {@code listener} of changes until the result is closed. */
    public AutoCloseable listen(LogListener listener) {
        return open().events().listen(this, listener);
    }

    /**
     * The same, off the thread that made the change: {@code executor} runs the calls in order, one at a time. What it has not
     * got to yet waits in memory. What it refuses is dropped.
     */
    public AutoCloseable listen(LogListener listener, Executor executor) {
        return listen(new DeliveredListener(listener, executor));
    }

    /** Begins to note which blocks are of use, to {@linkplain LogMarks#sweep clear} all others later. */
    public LogMarks startMarking() {
        open();
        return new LogMarks(this);
    }

    // ---- local notes

    /** A copy of a note that this store keeps with the log; null when there is none of this name. */
    public byte @Nullable [] userData(String name) {
        byte[] value = open().identity().userData().get(name);
        return value == null ? null : value.clone();
    }

    /** Keeps a note with the log, durable on return; null removes. Never replicated; meant for few and small ones. */
    public void userData(String name, byte @Nullable [] value) {
        open().identity(identity -> identity.withUserData(name, value));
    }

    /**
     * Bytes that the log takes in its files, by kind, holes not counted where they are known.
     *
     * @param dataBytes bytes of blocks, those given up or truncated included
     * @param treeBytes nodes
     * @param entryBytes places of blocks
     * @param bitBytes which blocks are held
     */
    public record StorageUse(long dataBytes, long treeBytes, long entryBytes, long bitBytes) {}

    /** What the log takes on the disk now. */
    public StorageUse storageUse() {
        LogCore log = open();
        long length = log.head().length();
        return new StorageUse(
                log.files().data().tail() - DataFile.HEADER_BYTES,
                Math.max(0, 2 * length - 1) * TreeFile.RECORD_BYTES,
                length * EntryFile.RECORD_BYTES,
                (length + 63) / 64 * BitFile.RECORD_BYTES);
    }

    /** For this package: waits for nodes that tell more of where a byte lies. */
    void narrow(long position, ByteOffsets.Position found) {
        requests.narrow(this, position, found, null);
    }

    /** For this package: the store that the log is in. */
    OpenStore store() {
        return store;
    }

    /** For this package: writes as this handle does. */
    LogWriter writer() {
        return writer;
    }

    /** For this package: the state behind the handle. */
    LogCore core() {
        return open();
    }

    /** Gives the handle back; the last one closes the log. Views stay readable. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (released) {
                return;
            }
            released = true;
        }
        if (kind != Kind.WEAK) {
            store.release(core, kind);
        }
    }

    @Override
    public String toString() {
        return "Log[" + key() + "]";
    }
}
