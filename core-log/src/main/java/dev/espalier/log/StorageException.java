package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The operating system refused to read, write, map or force a file.
 *
 * <p>A log whose writing failed stays readable and refuses further writing until it is opened again: what the page
 * cache still holds after a failed write is not known.
 */
public class StorageException extends EspalierException {

    private static final long serialVersionUID = 1L;

    /** The stable code of every storage failure that has no code of its own. */
    public static final String CODE = "ERR_STORAGE";

    private final transient @Nullable Path file;

    /** A failure on {@code file} with the sentence that says what was tried. */
    public StorageException(String message, @Nullable Path file, @Nullable Throwable cause) {
        this(CODE, message, file, cause);
    }

    StorageException(String code, String message, @Nullable Path file, @Nullable Throwable cause) {
        super(code, message, cause);
        this.file = file;
    }

    /** The file or folder concerned; null when there is none, or after the exception travelled by serialization. */
    public @Nullable Path file() {
        return file;
    }

    /** The same failure, thrown anew from the caller's place, as a stopped writer does. */
    StorageException again() {
        return new StorageException(
                code(), "The log is read-only since an earlier failure; open it again. " + getMessage(), file, this);
    }
}
