package dev.espalier.merkle;

import java.util.Arrays;

/**
 * Which nodes lead from the tree of one length to the tree of a greater one (log specification §7, §9).
 *
 * <p><b>Threading:</b> stateless.
 */
final class UpgradePath {

    private UpgradePath() {}

    /**
     * The flat indexes of the nodes that, added to the roots of {@code start} blocks, give the roots of {@code end}
     * blocks, in the order in which they are sent and merged. At most two for each bit of {@code end}.
     */
    static long[] indexes(long start, long end) {
        long[] path = new long[2 * Long.SIZE];
        int size = 0;
        long lastLeaf = 2 * (start - 1);
        for (long root : FlatTree.roots(end)) {
            if (FlatTree.endBlock(root) <= start) {
                continue;
            }
            if (start == 0 || !FlatTree.covers(root, lastLeaf)) {
                path[size++] = root;
                continue;
            }
            for (long node = lastLeaf; node != root; node = FlatTree.parent(node)) {
                long sibling = FlatTree.sibling(node);
                if (sibling > lastLeaf) {
                    path[size++] = sibling;
                }
            }
        }
        return Arrays.copyOf(path, size);
    }
}
