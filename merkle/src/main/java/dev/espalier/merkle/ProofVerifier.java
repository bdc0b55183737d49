package dev.espalier.merkle;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a proof against a log's state; writes nothing (log specification §10).
 *
 * <p>The caller writes what {@link Verified} holds in one atomic step, after checking under its write lock that the head
 * is still the one the proof was verified against. <b>Threading:</b> immutable.
 */
public final class ProofVerifier {

    private final Key key;
    private final @Nullable HeadVerifier known;

    /**
     * For the log {@code key}; {@code manifest} is null as long as it is not known.
     *
     * @throws VerificationException {@code INVALID_SIGNATURE} when the manifest is not that of the log
     */
    public ProofVerifier(Key key, @Nullable Manifest manifest) {
        this.key = key;
        this.known = manifest == null ? null : HeadVerifier.of(key, manifest);
    }

    /** For the log whose heads {@code known} verifies. */
    public ProofVerifier(HeadVerifier known) {
        this.key = known.key();
        this.known = known;
    }

    /**
     * What a proof that holds adds to the log.
     *
     * @param nodes tree nodes to store, each index once; they replace what is stored at their indexes
     * @param head the new head, or null when it did not change
     * @param manifest the log's manifest, when it was not known before; else null
     * @param unprovenSizes flat indexes of those {@code nodes} whose hash is proven but whose size a peer may have shifted
     *     to or from the sibling (§10). None of them is stored with the same hash yet. A later proof that fixes such a
     *     size lists the node again; until then it must not be used to prove something to others
     */
    public record Verified(
            List<TreeNode> nodes,
            @Nullable TreeHead head,
            @Nullable Manifest manifest,
            Set<Long> unprovenSizes) {

        /** Copies the collections. */
        public Verified {
            nodes = List.copyOf(nodes);
            unprovenSizes = Set.copyOf(unprovenSizes);
        }
    }

    /**
     * Verifies {@code proof} against the state of a log: its stored {@code nodes} and its {@code head}.
     *
     * @return null when the proof is of another fork than {@code head}, and so not applicable (a larger one: §12)
     * @throws VerificationException when it does not hold; the code says which check failed
     */
    public @Nullable Verified verify(NodeSource nodes, TreeHead head, Proof proof) {
        if (proof.fork() != head.fork()) {
            return null;
        }
        List<TreeNode> made = new ArrayList<>();
        PathProof path = new PathProof(proof, made);
        TreeNode unverified = path.top();
        TreeGrowth growth = new TreeGrowth(head.roots(), made);
        Proof.Upgrade upgrade = proof.upgrade();
        if (upgrade != null && grow(growth, upgrade, unverified, prologueOf(proof))) {
            unverified = null;
        }
        Set<Long> loose = path.unproven();
        if (unverified != null) {
            checkStored(unverified, nodes);
            if (!path.topBound()) {
                loose.add(unverified.index());
            }
        }
        NodeSet kept = new NodeSet(nodes);
        kept.add(made, loose);
        if (upgrade == null || !growth.changed()) {
            // A manifest proves itself by the log's key.
            Manifest manifest = proof.manifest() == null ? null : learned(verifierFor(proof));
            return new Verified(kept.nodes(), null, manifest, kept.unproven());
        }
        HeadVerifier verifier = verifierFor(proof);
        TreeHead newHead = verifyHead(verifier, growth, proof.fork(), upgrade.signature());
        return new Verified(kept.nodes(), newHead, learned(verifier), kept.unproven());
    }

    /**
     * Replays an upgrade.
     *
     * @return whether the node computed from the other parts was used, and is so covered by the signature
     */
    static boolean grow(
            TreeGrowth growth, Proof.Upgrade upgrade, @Nullable TreeNode unverified, @Nullable Prologue prologue) {
        if (prologue != null
                && upgrade.start() < prologue.length()
                && (upgrade.start() != 0 || upgrade.length() < prologue.length())) {
            throw new VerificationException(
                    VerificationException.INVALID_PROOF,
                    "an upgrade of " + upgrade.length() + " blocks from " + upgrade.start()
                            + " does not contain the prologue of " + prologue.length() + " blocks");
        }
        NodeQueue queue = new NodeQueue(upgrade.nodes(), unverified);
        growth.upgrade(upgrade.start() + upgrade.length(), queue);
        if (prologue != null) {
            growth.checkPrologue(prologue);
        }
        growth.additional(upgrade.additional());
        return !queue.extraLeft();
    }

    /** The head of a tree that has grown, when its signature holds; else {@code INVALID_SIGNATURE}. */
    static TreeHead verifyHead(HeadVerifier verifier, TreeGrowth growth, long fork, byte @Nullable [] signature) {
        if (!verifier.verify(growth.roots(), growth.length(), fork, signature)) {
            throw new VerificationException(
                    VerificationException.INVALID_SIGNATURE,
                    "the head of " + growth.length() + " blocks at fork " + fork
                            + " is not signed as the manifest wants");
        }
        return TreeHead.of(fork, growth.roots(), signature);
    }

    /** Verifier of the log's known manifest, else the proof's, else that of an old log. */
    HeadVerifier verifierFor(Proof proof) {
        if (known != null) {
            return known;
        }
        Manifest manifest = proof.manifest();
        return manifest == null ? HeadVerifier.compat(key) : HeadVerifier.of(key, manifest);
    }

    /** The prologue that binds an upgrade; a manifest that is not that of the log binds nothing and fails later. */
    @Nullable
    Prologue prologueOf(Proof proof) {
        if (known != null) {
            return known.prologue();
        }
        Manifest manifest = proof.manifest();
        return manifest == null || !manifest.key().equals(key) ? null : manifest.prologue();
    }

    /** The manifest to remember with a head verified by {@code verifier}: null when it is known already. */
    @Nullable
    Manifest learned(HeadVerifier verifier) {
        return known == null ? verifier.manifest() : null;
    }

    private static void checkStored(TreeNode node, NodeSource nodes) {
        TreeNode stored = Prover.stored(nodes, node.index());
        if (!stored.hash().equals(node.hash())) {
            throw new VerificationException(
                    VerificationException.INVALID_CHECKSUM,
                    "tree node " + node.index() + ": hash mismatch, expected " + stored.hash() + ", found "
                            + node.hash());
        }
    }
}
