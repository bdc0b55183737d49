package dev.espalier.drive;

/**
 * One thing that a mirror does, told before it is done.
 *
 * @param type what
 * @param path where
 * @param bytesRemoved size of the file before; 0 for links, and where only flags or metadata change
 * @param bytesAdded size of the file after; 0 likewise
 */
public record MirrorOp(Type type, String path, long bytesRemoved, long bytesAdded) {

    /** What a mirror can do with a path. */
    public enum Type {
        /** The destination lacks it. */
        ADD,
        /** Both have it, and they differ. */
        CHANGE,
        /** The source lacks it. */
        REMOVE,
        /** Both are the same; told only on request. */
        EQUAL
    }
}
