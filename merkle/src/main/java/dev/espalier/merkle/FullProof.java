package dev.espalier.merkle;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A proof that was verified from an empty tree, with nothing but a log's key: its upgrade starts at 0, and whatever else
 * it shows lies below that upgrade (log specification §10, §12).
 *
 * @param head the signed head
 * @param nodes nodes listed and computed, in the order made
 * @param looseSizes flat indexes of those nodes whose size is unproven
 * @param upgradeHash tree hash at the length asked for, which may be below that of the head
 * @param verifier the verifier of the manifest that was used
 */
record FullProof(TreeHead head, List<TreeNode> nodes, Set<Long> looseSizes, Hash upgradeHash, HeadVerifier verifier) {

    /**
     * Verifies {@code proof}.
     *
     * @throws VerificationException when it does not hold; {@code INVALID_PROOF} when a part of it is not below the upgrade
     */
    static FullProof verify(ProofVerifier log, Proof proof) {
        Proof.Upgrade upgrade = proof.upgrade();
        if (upgrade == null || upgrade.start() != 0) {
            throw VerificationException.operation("a proof for an empty log needs an upgrade from 0");
        }
        List<TreeNode> made = new ArrayList<>();
        PathProof path = new PathProof(proof, made);
        TreeGrowth growth = new TreeGrowth(List.of(), made);
        if (!ProofVerifier.grow(growth, upgrade, path.top(), log.prologueOf(proof))) {
            throw new VerificationException(
                    VerificationException.INVALID_PROOF, "a part of the proof does not lie below its upgrade");
        }
        HeadVerifier verifier = log.verifierFor(proof);
        TreeHead head = ProofVerifier.verifyHead(verifier, growth, proof.fork(), upgrade.signature());
        return new FullProof(head, made, path.unproven(), growth.upgradeHash(), verifier);
    }
}
