package dev.espalier.drive;

/**
 * One change of a {@link BTree}: a put or a deletion.
 *
 * @param isDeletion whether the key was deleted
 * @param item the block that holds the change, and the key; the value when it was put
 */
public record TreeChange(boolean isDeletion, TreeItem item) {}
