package dev.espalier.replicate;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.NodeSource;
import org.agrona.collections.Long2LongHashMap;

/**
 * Counts the nodes to ask for along with a block as if all earlier answers of this peer had arrived, so that neighbours
 * asked for together do not bring the same siblings twice (replication specification §9).
 *
 * <p>An answer planned like this can be verified only after the one that brings the node it leans on.
 *
 * <p><b>Threading:</b> one thread.
 */
final class NodePlan {

    /** How many levels a request climbs, and the earlier request that brings the node above; 0 when it is stored. */
    record Climb(long nodes, long dependsOn) {}

    private static final long NOBODY = 0;

    /** By flat index of the node: the request that brings it. */
    private final Long2LongHashMap coming = new Long2LongHashMap(NOBODY);

    /** The climb for a block below the length of the tree. */
    Climb climb(NodeSource stored, long index) {
        long node = 2 * index;
        for (long levels = 0; ; levels++) {
            if (stored.node(node) != null) {
                return new Climb(levels, 0);
            }
            long bringer = coming.get(node);
            if (bringer != NOBODY) {
                return new Climb(levels, bringer);
            }
            node = FlatTree.parent(node);
        }
    }

    /** The request, whose number is not 0, brings the nodes of its climb. */
    void add(long request, long index, long levels) {
        coming.putIfAbsent(2 * index, request);
        long node = 2 * index;
        for (long level = 0; level < levels; level++) {
            coming.putIfAbsent(node, request);
            coming.putIfAbsent(FlatTree.sibling(node), request);
            node = FlatTree.parent(node);
        }
    }

    /** The request is over: its nodes are stored, or will not come. */
    void remove(long request, long index, long levels) {
        coming.remove(2 * index, request);
        long node = 2 * index;
        for (long level = 0; level < levels; level++) {
            coming.remove(node, request);
            coming.remove(FlatTree.sibling(node), request);
            node = FlatTree.parent(node);
        }
    }
}
