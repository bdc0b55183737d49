package dev.espalier.log;

import dev.espalier.merkle.BlockEncryption;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofVerifier;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.VerificationException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stores what a verified proof brings: nodes, a block, a newer head, the manifest.
 *
 * <p>The proof is verified without the write lock first, against the head of that moment. Where the log moved meanwhile,
 * it is verified again under the lock.
 */
final class ProofWriter {

    private final LogCore core;

    ProofWriter(LogCore core) {
        this.core = core;
    }

    /** What was verified, and the head it was verified against. */
    private record Checked(TreeHead against, @Nullable Manifest manifest, ProofVerifier.Verified result) {

        /** Heads and manifests are replaced, never changed: the same object means the same state. */
        @SuppressWarnings("ReferenceEquality")
        boolean isCurrent(LogCore core) {
            return core.head() == against && core.identity().manifest() == manifest;
        }
    }

    /** False when the proof is of another fork than the log, and a log that holds something cannot change forks by it. */
    boolean apply(Proof proof) {
        Proof.Block block = proof.block();
        ByteBuffer value = block == null ? null : block.value();
        if (block != null) {
            if (value == null) {
                throw new IllegalArgumentException("the bytes of block " + block.index() + " are not attached");
            }
            // Whether it is encrypted is not known here.
            LogWriter.checkSize(core, value.remaining(), BlockEncryption.PADDING);
        }
        Checked checked = check(proof);
        if (checked == null) {
            return false;
        }
        boolean added = false;
        core.writing().lock();
        try {
            core.checkOpen();
            if (!checked.isCurrent(core)) {
                checked = check(proof);
                if (checked == null) {
                    return false;
                }
            }
            core.beginSparseWrite();
            learn(checked.result().manifest());
            try {
                added = store(checked.result(), proof, value);
            } catch (RuntimeException | InternalError e) {
                throw core.stop(e);
            }
        } finally {
            core.writing().unlock();
        }
        if (checked.result().head() != null) {
            core.events().headChanged();
        }
        if (added && block != null) {
            core.events().blocksStored(block.index(), 1);
        }
        return true;
    }

    private @Nullable Checked check(Proof proof) {
        TreeHead head = core.head();
        Manifest manifest = core.identity().manifest();
        boolean otherFork = head.length() == 0 && proof.fork() > head.fork() && proof.upgrade() != null;
        // Nothing is held, so nothing can be lost by beginning in the fork that others are in.
        TreeHead base = otherFork ? TreeHead.of(proof.fork(), List.of(), null) : head;
        ProofVerifier.Verified verified =
                new ProofVerifier(core.key(), manifest).verify(core.hashedNodes(base), base, proof);
        if (verified == null) {
            return null;
        }
        TreeHead next = verified.head();
        if (next != null) {
            checkSignature(next.signature());
        }
        if (next == null && otherFork) {
            throw new VerificationException(
                    VerificationException.INVALID_OPERATION, "Fork " + proof.fork() + " came without a head.");
        }
        return new Checked(head, manifest, verified);
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

    /** The manifest is kept before the head that it verifies, or a recovery could not verify that head. */
    private void learn(@Nullable Manifest manifest) {
        if (manifest != null) {
            core.identity(identity -> identity.withManifest(manifest));
        }
    }

    /** Whether the block was not held before. */
    private boolean store(ProofVerifier.Verified verified, Proof proof, @Nullable ByteBuffer value) {
        LogFiles files = core.files();
        Proof.Block block = proof.block();
        boolean added = block != null && value != null && !files.bits().get(block.index());
        long[] offset = new long[1];
        if (added) {
            files.data().append(List.of(value), offset);
        }
        files.tree().putAll(verified.nodes(), verified.unprovenSizes());
        if (added) {
            files.entries().put(block.index(), offset[0], value.remaining());
            files.bits().set(block.index(), block.index() + 1);
        }
        TreeHead next = verified.head();
        if (next != null) {
            core.commit(next, Durability.NONE);
        }
        if (added) {
            core.counted(block.index(), block.index() + 1);
        }
        core.checkpoint();
        return added;
    }
}
