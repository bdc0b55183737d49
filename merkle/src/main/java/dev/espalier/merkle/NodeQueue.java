package dev.espalier.merkle;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Serves the nodes of one part of a proof in the order they came, and nothing else than what is asked for (log
 * specification §10). May hold one extra node, computed from another part, that is served first when its index is
 * asked for.
 *
 * <p><b>Threading:</b> one thread.
 */
final class NodeQueue {

    private final List<TreeNode> nodes;
    private int next;
    private @Nullable TreeNode extra;

    NodeQueue(List<TreeNode> nodes, @Nullable TreeNode extra) {
        this.nodes = nodes;
        this.extra = extra;
    }

    /** Whether neither listed nodes nor the extra one are left. */
    boolean isEmpty() {
        return next == nodes.size() && extra == null;
    }

    /** Whether the extra node is still there. */
    boolean extraLeft() {
        return extra != null;
    }

    /**
     * The node at {@code index}.
     *
     * @throws VerificationException {@code INVALID_OPERATION} when it is not the next one
     */
    TreeNode take(long index) {
        TreeNode held = extra;
        if (held != null && held.index() == index) {
            extra = null;
            return held;
        }
        if (next == nodes.size()) {
            throw VerificationException.operation("expected tree node " + index + " in the proof, found no more nodes");
        }
        TreeNode node = nodes.get(next++);
        if (node.index() != index) {
            throw VerificationException.operation(
                    "expected tree node " + index + " in the proof, found node " + node.index());
        }
        return node;
    }
}
