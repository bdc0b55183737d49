package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import java.nio.file.Path;

/** A file was written by a newer version of this library, or with a feature that this one does not know. */
public final class UnsupportedVersionException extends EspalierException {

    private static final long serialVersionUID = 1L;

    /** The stable code. */
    public static final String CODE = "ERR_UNSUPPORTED_VERSION";

    /**
     * A file of the future.
     *
     * @param file the file
     * @param what version or features, in words
     * @param known what this library knows
     * @param actual what the file says
     */
    public UnsupportedVersionException(Path file, String what, String known, String actual) {
        super(
                CODE,
                "This store needs a newer Espalier: " + what + " is " + actual + ", known is " + known + " (file "
                        + file + ").");
    }
}
