package dev.espalier.merkle;

import org.jspecify.annotations.Nullable;

/**
 * Where stored tree nodes are read from.
 *
 * <p><b>Threading:</b> as the implementation says; the functions of this package call it from the caller's thread.
 */
@FunctionalInterface
public interface NodeSource {

    /** The node at flat {@code index}, or null when it is not stored. */
    @Nullable
    TreeNode node(long index);
}
