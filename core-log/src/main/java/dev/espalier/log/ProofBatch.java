package dev.espalier.log;

import dev.espalier.merkle.BlockEncryption;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.NodeSource;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofVerifier;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import dev.espalier.merkle.VerificationException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Proofs that are verified one after another, each against the log and what those before it bring, and stored together:
 * their blocks, nodes, heads and the manifest, with {@link Durability#NONE}. Neighbours share their writes.
 *
 * <p>Verifying takes no lock and changes nothing. Where the log moved before {@link #store}, what was verified is
 * verified again under the lock. A log without blocks takes an upgrade of any larger fork.
 *
 * <p>The bytes of blocks must stay as they are until they are stored. <b>Threading:</b> one thread; any number of batches
 * of one log at a time.
 */
public final class ProofBatch {

    private final LogCore core;
    private final List<Proof> proofs = new ArrayList<>();
    private final Long2ObjectHashMap<TreeNode> nodes = new Long2ObjectHashMap<>();
    /** Flat indexes of those {@link #nodes} whose size is not proven. */
    private final Set<Long> unproven = new HashSet<>();

    private final NodeSource known = this::node;
    private long byteLength;

    // What it is verified against, and what that becomes; set by the first proof.
    private TreeHead base;
    private TreeHead head;
    private NodeSource stored;
    private @Nullable HeadVerifier checks;
    private @Nullable Manifest learned;
    private ProofVerifier verifier;

    ProofBatch(LogCore core) {
        this.core = core;
        begin();
    }

    private void begin() {
        base = core.head();
        head = base;
        stored = core.hashedNodes(base);
        checks = core.verifier();
        learned = null;
        verifier = checks == null ? new ProofVerifier(core.key(), null) : new ProofVerifier(checks);
    }

    /** Number of proofs. */
    public int size() {
        return proofs.size();
    }

    /** Bytes of their blocks. */
    public long byteLength() {
        return byteLength;
    }

    /**
     * Verifies a proof and adds it.
     *
     * @return false when it is of another fork than the log
     * @throws VerificationException when it does not hold; the batch is as before
     */
    public boolean add(Proof proof) {
        ByteBuffer value = value(proof);
        if (proofs.isEmpty()) {
            begin();
        }
        boolean otherFork = head.length() == 0 && proof.fork() > head.fork() && proof.upgrade() != null;
        // Nothing is held, so nothing can be lost by beginning in the fork that others are in.
        TreeHead at = otherFork ? TreeHead.of(proof.fork(), List.of(), null) : head;
        ProofVerifier.Verified verified = verifier.verify(known, at, proof);
        if (verified == null) {
            return false;
        }
        TreeHead next = verified.head();
        if (next != null) {
            checkSignature(next.signature());
            head = next;
        } else if (otherFork) {
            throw new VerificationException(
                    VerificationException.INVALID_OPERATION, "Fork " + proof.fork() + " came without a head.");
        }
        if (verified.manifest() != null) {
            learned = verified.manifest();
            verifier = new ProofVerifier(core.key(), learned);
        }
        Set<Long> loose = verified.unprovenSizes();
        for (TreeNode node : verified.nodes()) {
            nodes.put(node.index(), node);
            if (loose.isEmpty()) {
                unproven.remove(node.index());
            } else if (loose.contains(node.index())) {
                unproven.add(node.index());
            }
        }
        proofs.add(proof);
        byteLength += value == null ? 0 : value.remaining();
        return true;
    }

    private @Nullable TreeNode node(long index) {
        TreeNode own = nodes.get(index);
        return own == null ? stored.node(index) : own;
    }

    /** The bytes of the block of a proof. */
    private @Nullable ByteBuffer value(Proof proof) {
        Proof.Block block = proof.block();
        if (block == null) {
            return null;
        }
        ByteBuffer value = block.value();
        if (value == null) {
            throw new IllegalArgumentException("the bytes of block " + block.index() + " are not attached");
        }
        // Whether it is encrypted is not known here.
        LogWriter.checkSize(core, value.remaining(), BlockEncryption.PADDING);
        return value;
    }

    /** Refuses a signature field that the head file has no room for. */
    static void checkSignature(byte @Nullable [] signature) {
        if (signature != null && signature.length > HeadDescriptor.MAX_SIGNATURE) {
            throw new VerificationException(
                    VerificationException.INVALID_SIGNATURE,
                    "A signature of " + signature.length + " bytes is too long, the most is "
                            + HeadDescriptor.MAX_SIGNATURE + ".");
        }
    }

    /**
     * Stores what the proofs bring and empties the batch. Waits for other writers of the log.
     *
     * @return for each proof, in the order added, whether the log holds what it brings; it may have moved on since the
     *     proof was verified
     * @throws StorageException when it cannot be written; the log takes no more then
     */
    public boolean[] store() {
        boolean[] held = new boolean[proofs.size()];
        if (held.length == 0) {
            return held;
        }
        List<Run> runs;
        boolean grown;
        core.writing().lock();
        try {
            core.checkOpen();
            checkAgain(held);
            grown = head != base;
            runs = proofs.isEmpty() ? List.of() : write();
        } finally {
            core.writing().unlock();
            clear();
        }
        if (grown) {
            core.events().headChanged();
        }
        for (Run run : runs) {
            core.events().blocksStored(run.first, run.count());
        }
        return held;
    }

    /** Notes which proofs hold now, and leaves out those that do not. */
    @SuppressWarnings("ReferenceEquality") // heads and their verifiers are replaced, never changed
    private void checkAgain(boolean[] held) {
        boolean same = core.head() == base && core.verifier() == checks;
        List<Proof> again = same ? List.of() : List.copyOf(proofs);
        if (!same) {
            clear();
        }
        for (int i = 0; i < held.length; i++) {
            try {
                held[i] = same || add(again.get(i));
            } catch (VerificationException e) {
                held[i] = false; // It came too late to fit.
            }
        }
    }

    private void clear() {
        proofs.clear();
        nodes.clear();
        unproven.clear();
        byteLength = 0;
    }

    // ---- under the write lock

    /** Blocks that follow each other, and where they lie. */
    private static final class Run {
        final long first;
        final int from;
        int to;

        Run(long first, int from) {
            this.first = first;
            this.from = from;
            this.to = from;
        }

        int count() {
            return to - from;
        }

        long end() {
            return first + count();
        }
    }

    /** The blocks that were not held before. */
    private List<Run> write() {
        core.beginSparseWrite();
        Manifest found = learned;
        if (found != null) {
            // It is kept before the head that it verifies, or a recovery could not verify that head.
            core.identity(identity -> identity.withManifest(found));
        }
        try {
            LogFiles files = core.files();
            List<ByteBuffer> values = new ArrayList<>(proofs.size());
            List<Run> runs = runs(files.bits(), values);
            int[] lengths = new int[values.size()];
            for (int i = 0; i < lengths.length; i++) {
                lengths[i] = values.get(i).remaining();
            }
            long[] offsets = new long[lengths.length];
            files.data().append(values, offsets);
            files.tree().putAll(nodes.values(), unproven);
            for (Run run : runs) {
                files.entries().putAll(run.first, offsets, lengths, run.from, run.to);
                files.bits().set(run.first, run.end());
            }
            if (head != base) {
                core.commit(head, Durability.NONE);
            }
            for (Run run : runs) {
                core.counted(run.first, run.end());
            }
            core.checkpoint();
            return runs;
        } catch (RuntimeException | InternalError e) {
            throw core.stop(e);
        }
    }

    private List<Run> runs(BitFile bits, List<ByteBuffer> values) {
        List<Run> runs = new ArrayList<>();
        Set<Long> taken = proofs.size() == 1 ? Set.of() : new HashSet<>(2 * proofs.size());
        Run run = null;
        for (Proof proof : proofs) {
            Proof.Block block = proof.block();
            ByteBuffer value = block == null ? null : block.value();
            if (block == null || value == null || bits.get(block.index())) {
                continue;
            }
            if (proofs.size() > 1 && !taken.add(block.index())) {
                continue;
            }
            if (run == null || run.end() != block.index()) {
                run = new Run(block.index(), values.size());
                runs.add(run);
            }
            run.to++;
            values.add(value);
        }
        return runs;
    }
}
