package dev.espalier.log;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;

/** Turns failures of the operating system into ours. */
final class StorageErrors {

    private StorageErrors() {}

    /** The failure of doing {@code verb} to {@code path}. */
    static StorageException of(String verb, Path path, IOException cause) {
        String reason = cause instanceof FileSystemException e && e.getReason() != null
                ? e.getReason()
                : String.valueOf(cause.getMessage());
        if (cause instanceof AccessDeniedException) {
            reason = "permission denied";
        }
        String message = "Cannot " + verb + " " + path + ": " + reason + ".";
        return isFull(reason)
                ? new StorageFullException(message, path, cause)
                : new StorageException(message, path, cause);
    }

    /** Java gives no error number; these are the texts of ENOSPC and EDQUOT on Linux, macOS and Windows. */
    private static boolean isFull(String reason) {
        String text = reason.toLowerCase(Locale.ROOT);
        return text.contains("no space left")
                || text.contains("quota exceeded")
                || text.contains("not enough space")
                || text.contains("disk is full");
    }
}
