package dev.espalier.merkle;

import org.jspecify.annotations.Nullable;

/**
 * Evidence that the signers of a log signed two different trees of the same fork and length (log specification §12). Such
 * a log cannot be trusted any more.
 *
 * @param fork fork number of both trees
 * @param length length in blocks at which they differ
 * @param own proof of the tree held here
 * @param other proof of the other tree
 */
public record Conflict(long fork, long length, Proof own, Proof other) {

    /**
     * Compares two proofs of an upgrade from 0 to the same length.
     *
     * @param verifier verifier of the log
     * @param own a proof made from the local log
     * @param other a proof that came from a peer
     * @return null when they show the same tree, or cannot be compared because fork or length differ
     * @throws VerificationException when one of them does not hold: then nothing is known about the other
     */
    public static @Nullable Conflict between(ProofVerifier verifier, Proof own, Proof other) {
        FullProof mine = FullProof.verify(verifier, own);
        FullProof theirs = FullProof.verify(verifier, other);
        long length = lengthOf(own);
        if (own.fork() != other.fork()
                || length != lengthOf(other)
                || mine.upgradeHash().equals(theirs.upgradeHash())) {
            return null;
        }
        return new Conflict(own.fork(), length, own, other);
    }

    private static long lengthOf(Proof proof) {
        Proof.Upgrade upgrade = proof.upgrade();
        return upgrade == null ? 0 : upgrade.length();
    }
}
