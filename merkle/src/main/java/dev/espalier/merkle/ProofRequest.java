package dev.espalier.merkle;

import org.jspecify.annotations.Nullable;

/**
 * What a proof shall show (log specification §8).
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param block a block with its path, or null; wins over {@code hash}
 * @param hash a node with its path, or null; {@code index} is a flat index
 * @param seek a byte position, or null
 * @param upgrade a newer head, or null
 * @param manifest whether the manifest is wanted
 */
public record ProofRequest(
        @Nullable Node block,
        @Nullable Node hash,
        @Nullable Seek seek,
        @Nullable Upgrade upgrade,
        boolean manifest) {

    /**
     * A block or hash and its path.
     *
     * @param index number of the block, or flat index of the hash
     * @param nodes how many levels the path climbs, see {@link Prover#missingNodes}; not looked at when the target lies
     *     in the upgrade asked for
     */
    public record Node(long index, long nodes) {}

    /**
     * A byte position.
     *
     * @param bytes position among the bytes that count
     * @param padding bytes before each block's content that do not count
     */
    public record Seek(long bytes, long padding) {}

    /**
     * A newer head.
     *
     * @param start blocks the asker has
     * @param length blocks asked for beyond them
     */
    public record Upgrade(long start, long length) {}

    /** Asks for block {@code index} and {@code nodes} levels of its path. */
    public static ProofRequest ofBlock(long index, long nodes) {
        return new ProofRequest(new Node(index, nodes), null, null, null, false);
    }

    /** Asks for the node at flat {@code index} and {@code nodes} levels of its path. */
    public static ProofRequest ofHash(long index, long nodes) {
        return new ProofRequest(null, new Node(index, nodes), null, null, false);
    }

    /** Asks for the head of {@code start + length} blocks. */
    public static ProofRequest ofUpgrade(long start, long length) {
        return new ProofRequest(null, null, null, new Upgrade(start, length), false);
    }
}
