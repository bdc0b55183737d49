package dev.espalier.merkle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Moves a log to a larger fork, step by step (log specification §12).
 *
 * <p>{@link #begin} takes the proof of the new head. As long as {@link #want} is not null, a proof of the hash it asks for
 * goes to {@link #update}, until the length up to which both trees are the same is found. Nothing is written; {@link
 * #result} says what to do. The caller checks, under its write lock, that its head is still the one the reorg began from.
 *
 * <p>On a sparse log the common length found may be lower than the true one, never higher.
 *
 * <p><b>Threading:</b> one thread.
 */
public final class Reorg {

    private final NodeSource stored;
    private final TreeHead from;
    private final FullProof proof;
    private final @Nullable Manifest learned;
    private final NodeSet nodes;

    /** First node known to differ; null once the common length is final. */
    private @Nullable TreeNode diff;

    private long commonLength;

    private Reorg(NodeSource stored, TreeHead from, FullProof proof, @Nullable Manifest learned) {
        this.stored = stored;
        this.from = from;
        this.proof = proof;
        this.learned = learned;
        this.nodes = new NodeSet(stored);
        nodes.add(proof.nodes(), proof.looseSizes());
        this.commonLength = proof.head().length();
        for (TreeNode root : proof.head().roots()) {
            if (differs(root)) {
                setDiff(root);
                descend(proof.nodes());
                break;
            }
        }
    }

    /**
     * Where trees are still compared.
     *
     * @param start first block from which on they may differ
     * @param end end of the local blocks below the node in question
     * @param nodes levels to ask for
     */
    public record Want(long start, long end, long nodes) {

        /**
         * The request to send to a peer that has {@code block}, which lies from {@code start} to {@code end}.
         *
         * @throws IllegalArgumentException when it does not lie there
         */
        public ProofRequest request(long block) {
            if (block < start || block >= end) {
                throw new IllegalArgumentException("block " + block + " is not from " + start + " to " + end);
            }
            return ProofRequest.ofHash(2 * block, nodes);
        }
    }

    /**
     * What to do: delete blocks, bits and all nodes that reach beyond {@code commonLength}, then store these nodes and
     * publish the head, all in one step.
     *
     * @param commonLength number of blocks that stay as they are
     * @param head the new head
     * @param nodes tree nodes to store, each index once
     * @param manifest the log's manifest when it was not known before, else null
     * @param unprovenSizes as in {@link ProofVerifier.Verified}
     */
    public record Result(
            long commonLength,
            TreeHead head,
            List<TreeNode> nodes,
            @Nullable Manifest manifest,
            Set<Long> unprovenSizes) {}

    /**
     * Starts a reorg with the proof of an upgrade from 0 to the other log's length, at its fork.
     *
     * @param verifier verifier of the log
     * @param stored stored nodes of the log
     * @param from head of the log
     * @throws VerificationException when the proof does not hold; {@code INVALID_OPERATION} when its fork is not larger
     */
    public static Reorg begin(ProofVerifier verifier, NodeSource stored, TreeHead from, Proof first) {
        if (first.fork() <= from.fork()) {
            throw VerificationException.operation(
                    "fork " + first.fork() + " is not larger than the local fork " + from.fork());
        }
        FullProof proof = FullProof.verify(verifier, first);
        return new Reorg(stored, from, proof, verifier.learned(proof.verifier()));
    }

    /** What to ask for next; null when the reorg is ready to be applied. */
    public @Nullable Want want() {
        TreeNode node = diff;
        if (node == null) {
            return null;
        }
        long end = Math.min(from.length(), FlatTree.endBlock(node.index()));
        return new Want(FlatTree.firstBlock(node.index()), end, FlatTree.depth(node.index()));
    }

    /** Whether the common length is found. */
    public boolean isFinished() {
        return diff == null;
    }

    /**
     * Takes the answer to {@link Want#request}.
     *
     * @return whether it belongs to what is wanted; if not, it was dropped
     * @throws VerificationException {@code INVALID_OPERATION} when the answer's nodes are no path
     */
    public boolean update(Proof answer) {
        TreeNode wanted = diff;
        if (wanted == null || answer.fork() != proof.head().fork()) {
            return false;
        }
        List<TreeNode> made = new ArrayList<>();
        PathProof path = new PathProof(answer, made);
        TreeNode top = path.top();
        // A hash does not cover its index: a path from elsewhere with the same hash would be stored in the wrong place.
        if (top == null || top.index() != wanted.index() || !top.hash().equals(wanted.hash())) {
            return false;
        }
        Set<Long> loose = path.unproven();
        if (!path.topBound()) {
            loose.add(top.index());
        }
        nodes.add(made, loose);
        descend(made);
        return true;
    }

    /** Goes down from the node that differs as long as its children are among {@code made}. */
    private void descend(List<TreeNode> made) {
        Map<Long, TreeNode> known = new HashMap<>();
        made.forEach(node -> known.put(node.index(), node));
        while (diff != null && (diff.index() & 1) != 0) {
            TreeNode left = known.get(FlatTree.leftChild(diff.index()));
            TreeNode right = known.get(FlatTree.rightChild(diff.index()));
            if (left == null || right == null) {
                return;
            }
            setDiff(differs(left) ? left : right);
        }
    }

    private void setDiff(TreeNode node) {
        commonLength = FlatTree.firstBlock(node.index());
        boolean beyond = commonLength >= from.length();
        diff = (node.index() & 1) == 0 || beyond ? null : node;
    }

    private boolean differs(TreeNode node) {
        TreeNode local = stored.node(node.index());
        return local == null || !local.hash().equals(node.hash());
    }

    /**
     * What to do.
     *
     * @throws IllegalStateException when {@link #want} is not null
     */
    public Result result() {
        if (diff != null) {
            throw new IllegalStateException("the common length is not found yet");
        }
        return new Result(atLeastPrologue(), proof.head(), nodes.nodes(), learned, nodes.unproven());
    }

    /** Both trees contain the prologue, even where nodes to tell so are not stored. */
    private long atLeastPrologue() {
        Prologue prologue = proof.verifier().prologue();
        return prologue == null || from.length() < prologue.length()
                ? commonLength
                : Math.max(commonLength, prologue.length());
    }
}
