package dev.espalier.log;

import dev.espalier.merkle.FlatTree;

/**
 * Third step of opening a log that was not closed cleanly: takes away nodes that do not lead up to a root. Proofs store
 * nodes anywhere in the tree; of those, an interrupted one leaves some without siblings or parents, and a loss of power
 * any part, even of a node. A block stored on them could not be proven to others, or never be stored at all.
 *
 * <p>Goes from the roots down, so that what hangs on a node taken away goes, too. Takes time with the length of the log;
 * an append leaves nothing of the kind behind, so that logs that are only appended to do without.
 */
final class TreeCleaner {

    private TreeCleaner() {}

    static void clean(TreeFile tree, long length) {
        for (int depth = 63 - Long.numberOfLeadingZeros(Math.max(1, length)); depth > 0; depth--) {
            for (long offset = 0; offset < length >> depth; offset++) {
                long index = FlatTree.index(depth, offset);
                long left = FlatTree.leftChild(index);
                long right = FlatTree.rightChild(index);
                if ((tree.has(left) || tree.has(right)) && !TailVerifier.isParent(tree, index)) {
                    tree.remove(left);
                    tree.remove(right);
                }
            }
        }
    }
}
