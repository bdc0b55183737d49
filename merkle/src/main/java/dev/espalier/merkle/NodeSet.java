package dev.espalier.merkle;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Nodes to store after one or more proofs held: each index once, in the order made, with those whose size is unproven
 * (log specification §10). A proven size is never given up for an unproven one.
 *
 * <p><b>Threading:</b> one thread.
 */
final class NodeSet {

    private final NodeSource stored;
    private final Map<Long, TreeNode> nodes = new LinkedHashMap<>();
    private final Set<Long> unproven = new HashSet<>();

    /** Leaves out nodes of unproven size that {@code stored} has with the same hash. */
    NodeSet(NodeSource stored) {
        this.stored = stored;
    }

    /** Adds nodes whose hashes are proven; the sizes of {@code loose} ones are not. */
    void add(List<TreeNode> made, Set<Long> loose) {
        for (TreeNode node : made) {
            long index = node.index();
            if (!loose.contains(index)) {
                nodes.put(index, node);
                unproven.remove(index);
            } else if (!nodes.containsKey(index) && !isStored(node)) {
                nodes.put(index, node);
                unproven.add(index);
            }
        }
    }

    private boolean isStored(TreeNode node) {
        TreeNode there = stored.node(node.index());
        return there != null && there.hash().equals(node.hash());
    }

    List<TreeNode> nodes() {
        return List.copyOf(nodes.values());
    }

    Set<Long> unproven() {
        return Set.copyOf(unproven);
    }
}
