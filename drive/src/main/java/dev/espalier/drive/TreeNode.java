package dev.espalier.drive;

import java.util.Arrays;

/** A node of the B-tree as readers see it: keys in ascending order and, in inner nodes, one child more than keys. */
interface TreeNode {

    /** Deeper than any tree with four keys a node can be; a deeper one goes in circles. */
    int MAX_DEPTH = 64;

    /** Most keys that a node has once an operation is done. */
    int MAX_KEYS = 8;

    int keyCount();

    byte[] key(int index);

    boolean isLeaf();

    TreeNode child(int index);

    /** The key with its value. */
    TreeItem item(int index);

    /** Index of {@code wanted} in {@code node}, or {@code -slot - 1} where slot is the child to go on with. */
    static int search(TreeNode node, byte[] wanted) {
        int low = 0;
        int high = node.keyCount();
        while (low < high) {
            int middle = (low + high) >>> 1;
            int order = Arrays.compareUnsigned(wanted, node.key(middle));
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return -low - 1;
    }
}
