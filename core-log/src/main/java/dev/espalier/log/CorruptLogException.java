package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import java.nio.file.Path;

/** A file of a store does not hold what it must: damaged, cut, or of something else. */
public final class CorruptLogException extends EspalierException {

    private static final long serialVersionUID = 1L;

    /** The stable code. */
    public static final String CODE = "ERR_CORRUPT";

    private final transient Path file;
    private final long offset;

    /**
     * Damage found in a file.
     *
     * @param file the file
     * @param offset byte offset of the field concerned
     * @param what the field, in words
     * @param expected what should have been there, in words
     * @param actual what was there, in words
     */
    public CorruptLogException(Path file, long offset, String what, String expected, String actual) {
        super(
                CODE,
                what + ": expected " + expected + ", found " + actual + " (file " + file + ", offset " + offset + ").");
        this.file = file;
        this.offset = offset;
    }

    /** The damaged file. */
    public Path file() {
        return file;
    }

    /** Byte offset of the field concerned. */
    public long offset() {
        return offset;
    }
}
