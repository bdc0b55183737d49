package dev.espalier.drive;

import org.jspecify.annotations.Nullable;

/**
 * What is stored with a file beside its bytes.
 *
 * @param executable whether the file may be run
 * @param metadata anything, or null
 */
public record PutOptions(boolean executable, @Nullable JsonText metadata) {

    /** A plain file. */
    public static final PutOptions NONE = new PutOptions(false, null);

    /** A file that may be run. */
    public static final PutOptions EXECUTABLE = new PutOptions(true, null);

    /** The same with this metadata. */
    public PutOptions withMetadata(@Nullable JsonText value) {
        return new PutOptions(executable, value);
    }
}
