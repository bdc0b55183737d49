package dev.espalier.merkle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A tree that grows by whole nodes: what a proof's upgrade would make of a log's roots (log specification §10, step
 * 4). Works on copies, changes nothing stored.
 *
 * <p><b>Threading:</b> one thread.
 */
final class TreeGrowth {

    private final List<TreeNode> roots;
    private final List<TreeNode> nodes;
    private final int firstAdded;
    private final long startLength;
    private long length;
    private boolean changed;
    private List<TreeNode> upgradeRoots = List.of();

    /** Starts from {@code roots} (copied); nodes added and computed are appended to {@code nodes}. */
    TreeGrowth(List<TreeNode> roots, List<TreeNode> nodes) {
        this.roots = new ArrayList<>(roots);
        this.nodes = nodes;
        this.firstAdded = nodes.size();
        for (TreeNode root : roots) {
            length += FlatTree.leafCount(root.index());
        }
        startLength = length;
    }

    List<TreeNode> roots() {
        return roots;
    }

    long length() {
        return length;
    }

    /** Tree hash after the upgrade, before additional nodes. */
    Hash upgradeHash() {
        return TreeHashes.tree(upgradeRoots);
    }

    /** Whether any root was added. */
    boolean changed() {
        return changed;
    }

    /**
     * Replays the upgrade to {@code end} blocks with nodes from {@code queue}.
     *
     * @throws VerificationException {@code INVALID_OPERATION} when the nodes do not lead there
     */
    void upgrade(long end, NodeQueue queue) {
        if (end > TreeBatch.MAX_LENGTH) {
            throw VerificationException.operation("an upgrade to " + end + " blocks, but a log holds fewer than 2^52");
        }
        boolean first = true;
        int kept = 0;
        for (long root : FlatTree.roots(end)) {
            if (kept < roots.size() && roots.get(kept).index() == root) {
                kept++;
                continue;
            }
            if (first && kept < roots.size()) {
                climbTo(root, queue);
            } else {
                append(queue.take(root));
            }
            first = false;
        }
        if (roots.isEmpty()) {
            throw VerificationException.operation("an upgrade of an empty log to no blocks");
        }
        upgradeRoots = List.copyOf(roots);
    }

    /** Adds siblings to the right of the last root until that is {@code target}. */
    private void climbTo(long target, NodeQueue queue) {
        for (long top = last().index(); top != target; top = last().index()) {
            if (!FlatTree.covers(target, top)) {
                throw VerificationException.operation(
                        "the upgrade ends before the local length: node " + target + " does not cover root " + top);
            }
            append(queue.take(FlatTree.sibling(top)));
        }
    }

    /**
     * Checks a prologue that the last upgrade has reached or passed.
     *
     * @throws VerificationException {@code INVALID_PROOF} when the tree hash at its length differs, or cannot be told
     *     because its roots were neither there before nor added
     */
    void checkPrologue(Prologue prologue) {
        if (startLength > prologue.length() || length < prologue.length()) {
            return;
        }
        Map<Long, TreeNode> known = new HashMap<>();
        roots.forEach(root -> known.put(root.index(), root));
        nodes.subList(firstAdded, nodes.size()).forEach(node -> known.put(node.index(), node));
        List<TreeNode> fixed = new ArrayList<>();
        for (long index : FlatTree.roots(prologue.length())) {
            TreeNode root = known.get(index);
            if (root == null) {
                throw new VerificationException(
                        VerificationException.INVALID_PROOF,
                        "the upgrade passes the prologue of " + prologue.length() + " blocks without showing node "
                                + index);
            }
            fixed.add(root);
        }
        Hash found = TreeHashes.tree(fixed);
        if (!found.equals(prologue.hash())) {
            throw new VerificationException(
                    VerificationException.INVALID_PROOF,
                    "tree hash of the prologue of " + prologue.length() + " blocks: expected " + prologue.hash()
                            + ", found " + found);
        }
    }

    /**
     * Adds the nodes that lead beyond the upgrade, to the only head that has a signature.
     *
     * @throws VerificationException {@code INVALID_OPERATION} when they do not continue the tree
     */
    void additional(List<TreeNode> additional) {
        int i = 0;
        while (i < additional.size() && additional.get(i).index() == FlatTree.sibling(last().index())) {
            append(additional.get(i++));
        }
        for (; i < additional.size(); i++) {
            TreeNode node = additional.get(i);
            long position = FlatTree.sibling(last().index());
            while (position != node.index()) {
                if ((position & 1) == 0) {
                    throw VerificationException.operation(
                            "additional node " + node.index() + " does not continue the tree of " + length + " blocks");
                }
                position = FlatTree.leftChild(position);
            }
            append(node);
        }
    }

    private TreeNode last() {
        return roots.get(roots.size() - 1);
    }

    /** Adds a root; while the last two are siblings, replaces them by their parent. */
    private void append(TreeNode node) {
        if (FlatTree.firstBlock(node.index()) != length) {
            throw VerificationException.operation(
                    "tree node " + node.index() + " does not continue a tree of " + length + " blocks");
        }
        changed = true;
        length += FlatTree.leafCount(node.index());
        if (length > TreeBatch.MAX_LENGTH) {
            throw VerificationException.operation("a tree of " + length + " blocks, but a log holds fewer than 2^52");
        }
        roots.add(node);
        nodes.add(node);
        while (roots.size() > 1) {
            TreeNode left = roots.get(roots.size() - 2);
            TreeNode right = last();
            if (FlatTree.sibling(right.index()) != left.index()) {
                break;
            }
            roots.remove(roots.size() - 1);
            TreeNode parent = TreeHashes.parent(left, right);
            roots.set(roots.size() - 1, parent);
            nodes.add(parent);
        }
    }
}
