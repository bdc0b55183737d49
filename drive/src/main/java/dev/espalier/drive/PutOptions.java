package dev.espalier.drive;

import org.jspecify.annotations.Nullable;

/**
 * How to store a file, and what with it beside its bytes.
 *
 * @param executable whether the file may be run
 * @param metadata anything, or null
 * @param dedup whether a drive cuts the file by its content and stores blocks once that the file had before, or has
 *     twice: for large files that change in places. Reading it takes one step more. A folder on disk does not care
 */
public record PutOptions(boolean executable, @Nullable JsonText metadata, boolean dedup) {

    /** A plain file. */
    public static final PutOptions NONE = new PutOptions(false, null);

    /** A file that may be run. */
    public static final PutOptions EXECUTABLE = new PutOptions(true, null);

    /** Without dedup. */
    public PutOptions(boolean executable, @Nullable JsonText metadata) {
        this(executable, metadata, false);
    }

    /** The same with this metadata. */
    public PutOptions withMetadata(@Nullable JsonText value) {
        return new PutOptions(executable, value, dedup);
    }

    /** The same with or without dedup. */
    public PutOptions withDedup(boolean on) {
        return new PutOptions(executable, metadata, on);
    }
}
