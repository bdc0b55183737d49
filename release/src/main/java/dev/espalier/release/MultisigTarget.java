package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.log.CommitOptions;
import dev.espalier.log.Durability;
import dev.espalier.log.Log;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.Prover;
import dev.espalier.merkle.TreeNode;
import dev.espalier.merkle.VerificationException;
import dev.espalier.release.multisig.SigningRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the logs of production, the source's log that continues it, and what it shall be (release specification §4.5,
 * §4.6).
 *
 * @param part what is signed
 * @param source the log that has the blocks
 * @param log the log that gets them
 */
record MultisigTarget(SigningRequest.Part part, Log source, Log log) {

    String name() {
        return part.name();
    }

    long length() {
        return part.head().length();
    }

    /** Whether the log is what it shall be. */
    boolean isDone() {
        return log.length() == length() && log.treeHash().equals(part.head().treeHash());
    }

    /**
     * Compares what production has with what the source has at that length.
     *
     * @throws EspalierException {@code INCOMPATIBLE_SOURCE_AND_TARGET}, {@code TARGET_CORE_TOO_BIG}
     */
    void requirePrefix(MultisigSource from) {
        long length = log.length();
        if (length > source.length()) {
            throw new EspalierException(
                    "TARGET_CORE_TOO_BIG",
                    "Production's " + name() + " has " + length + " blocks, more than the source, which has "
                            + source.length() + "; provision again, with production as it is now.");
        }
        if (log.fork() != 0) {
            throw incompatible("Production's " + name() + " is at fork " + log.fork() + ".");
        }
        if (length > 0 && !from.treeHash(source, length).equals(log.treeHash())) {
            throw incompatible("The first " + length + " blocks of production's " + name() + " are not the source's.");
        }
    }

    private static EspalierException incompatible(String why) {
        return new EspalierException(
                "INCOMPATIBLE_SOURCE_AND_TARGET",
                why + " Committing would corrupt production, and nothing gets around this: seed the provision link on"
                        + " more machines and try again, else provision to a new link.");
    }

    /** First block that is to be fetched from the source. */
    long firstMissing() {
        return Math.min(log.nextAbsent(0, log.length()), length());
    }

    /**
     * Checks a signature over the source's tree before anything is written.
     *
     * @throws VerificationException {@code INVALID_SIGNATURE}
     */
    void requireSignature(byte[] signature) {
        List<TreeNode> roots = new ArrayList<>();
        for (long index : FlatTree.roots(length())) {
            TreeNode root = source.nodes().node(index);
            if (root == null) {
                throw new EspalierException(
                        "ERR_NOT_FOUND", "The tree of the source's " + name() + " is not held at " + length() + ".");
            }
            roots.add(root);
        }
        HeadVerifier verifier = HeadVerifier.of(log.key(), part.manifest());
        if (!verifier.verify(roots, length(), 0, signature)) {
            throw new VerificationException(
                    VerificationException.INVALID_SIGNATURE,
                    "The signatures do not make a head of production's " + name() + " at length " + length() + ".");
        }
    }

    /**
     * Appends what the log lacks, in one step that lasts, and nothing when it has it.
     *
     * @throws EspalierException {@code INCOMPATIBLE_SOURCE_AND_TARGET} when the log was changed meanwhile
     */
    void commit(byte[] signature) {
        if (log.length() >= length()) {
            return;
        }
        try {
            log.commit(
                    source,
                    CommitOptions.DEFAULT
                            .withLength(length())
                            .withSignature(signature)
                            .withDurability(Durability.FULL));
        } catch (EspalierException e) {
            if (e.code().equals("ERR_DIVERGED")) {
                throw incompatible(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    /**
     * Takes blocks of the log that are not held here from the source, where they are: a head that was learned from a peer
     * came without them. So that this machine can hand out all of production, whoever else is gone.
     */
    void fill() {
        for (long block = log.nextAbsent(0, length()); block < length(); block = log.nextAbsent(block + 1, length())) {
            if (source.has(block)) {
                long nodes = Prover.missingNodes(log.nodes(), log.length(), 2 * block);
                log.apply(source.prove(ProofRequest.ofBlock(block, nodes)));
            }
        }
    }

    /** Number of blocks of bytes that production's present entries need; the source has the same entries. */
    static long blobsInUse(Drive source, Log db) {
        return db.length() == 0 ? 0 : source.blobsLength(db.length());
    }
}
