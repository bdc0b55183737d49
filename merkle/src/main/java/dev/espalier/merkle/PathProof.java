package dev.espalier.merkle;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Climbs the block, hash and seek parts of a proof to the node they all lead to (log specification §10, steps 2 and 3).
 *
 * <p>A parent's hash covers only the sum of its children's sizes. A size is <em>bound</em> when the node was computed
 * here, from a block or from two children, or when that of its sibling is bound. Where two listed nodes meet, neither is:
 * a peer can shift bytes from one to the other. Those are remembered as unproven.
 *
 * <p><b>Threading:</b> one thread.
 */
final class PathProof {

    private final List<TreeNode> nodes;
    private final Set<Long> unproven = new HashSet<>();
    private @Nullable TreeNode top;
    private boolean bound;

    /** Climbs all parts of {@code proof}; nodes listed and computed are appended to {@code nodes}. */
    PathProof(Proof proof, List<TreeNode> nodes) {
        this.nodes = nodes;
        Proof.SeekPath seek = proof.seek();
        if (seek != null && !seek.nodes().isEmpty()) {
            NodeQueue queue = new NodeQueue(seek.nodes(), null);
            TreeNode seekRoot = queue.take(seek.nodes().get(0).index());
            climb(seekRoot, false, queue);
        }
        Proof.Block block = proof.block();
        Proof.NodePath hash = proof.hash();
        if (block != null) {
            climb(leaf(block), true, new NodeQueue(block.nodes(), top));
        } else if (hash != null) {
            NodeQueue queue = new NodeQueue(hash.nodes(), top);
            climb(queue.take(hash.index()), false, queue);
        }
    }

    private static TreeNode leaf(Proof.Block block) {
        ByteBuffer value = block.value();
        if (value == null) {
            throw new IllegalArgumentException("the bytes of block " + block.index() + " are not attached");
        }
        if (block.index() >= TreeBatch.MAX_LENGTH) {
            throw VerificationException.operation("block " + block.index() + ", but a log holds fewer than 2^52");
        }
        return new TreeNode(2 * block.index(), value.remaining(), TreeHashes.leaf(value));
    }

    private void climb(TreeNode start, boolean startBound, NodeQueue queue) {
        boolean extraBound = bound;
        TreeNode node = start;
        bound = startBound;
        nodes.add(node);
        while (!queue.isEmpty()) {
            boolean extraLeft = queue.extraLeft();
            TreeNode sibling = queue.take(FlatTree.sibling(node.index()));
            boolean siblingBound = extraLeft && !queue.extraLeft() && extraBound;
            if (!bound && !siblingBound) {
                unproven.add(node.index());
                unproven.add(sibling.index());
            }
            nodes.add(sibling);
            node = TreeHashes.parent(node, sibling);
            nodes.add(node);
            bound = true;
        }
        top = node;
    }

    /** The node that all parts lead to, not verified yet; null when there are none. */
    @Nullable
    TreeNode top() {
        return top;
    }

    /** Whether the size of the top follows from its hash. */
    boolean topBound() {
        return bound;
    }

    /** Flat indexes of nodes whose hashes are right when the top's is, but whose sizes may be shifted between siblings. */
    Set<Long> unproven() {
        return unproven;
    }
}
