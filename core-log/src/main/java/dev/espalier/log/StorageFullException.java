package dev.espalier.log;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The disk, or the quota on it, has no room for what was to be written. What was acknowledged before is intact. */
public final class StorageFullException extends StorageException {

    private static final long serialVersionUID = 1L;

    /** The stable code. */
    public static final String CODE = "ERR_STORAGE_FULL";

    /** No room while writing {@code file}. */
    public StorageFullException(String message, @Nullable Path file, @Nullable Throwable cause) {
        super(CODE, message, file, cause);
    }

    @Override
    StorageException again() {
        return new StorageFullException(
                "The log is read-only since the disk was full; make room and open it again. " + getMessage(),
                file(),
                this);
    }
}
