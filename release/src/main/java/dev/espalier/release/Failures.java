package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/**
 * Makes of any failure one with a stable code and one sentence (release specification §2).
 *
 * <p><b>Threading:</b> stateless.
 */
public final class Failures {

    private static final String STORAGE = "ERR_STORAGE";
    private static final String STORAGE_FULL = "ERR_STORAGE_FULL";

    private Failures() {}

    /** The failure itself when it has a code, else one that has, with this one as its cause. */
    public static EspalierException of(Throwable failure) {
        if (failure instanceof EspalierException coded) {
            boolean full = coded.code().equals(STORAGE) && isFull(coded);
            return full ? new EspalierException(STORAGE_FULL, text(coded), coded) : coded;
        }
        if (failure instanceof InternalError) {
            // Touching a mapped page that the device cannot give is this, and nothing else of ours is.
            return new EspalierException(
                    STORAGE,
                    "A mapped file cannot be read or written: its disk is full or failing; make room and try again.",
                    failure);
        }
        if (failure instanceof UncheckedIOException wrapped && wrapped.getCause() != null) {
            return of(wrapped.getCause());
        }
        if (failure instanceof FileSystemException file) {
            return ofFile(file);
        }
        if (failure instanceof FileNotFoundException) {
            return new EspalierException("ERR_NOT_FOUND", sentence("Not found: " + failure.getMessage()), failure);
        }
        if (failure instanceof IOException) {
            boolean full = isFull(failure);
            String what = full ? "The disk is full: " : "Input or output failed: ";
            return new EspalierException(
                    full ? STORAGE_FULL : "ERR_OPERATION_FAILED", sentence(what + text(failure)), failure);
        }
        if (failure instanceof OutOfMemoryError) {
            return new EspalierException(
                    "ERR_OPERATION_FAILED",
                    "Out of memory: give the command more with JAVA_TOOL_OPTIONS=-Xmx1g.",
                    failure);
        }
        return new EspalierException(
                "ERR_INTERNAL_ERROR",
                sentence("Unexpected failure, please report it with what -v adds: "
                        + failure.getClass().getSimpleName() + ": " + text(failure)),
                failure);
    }

    private static EspalierException ofFile(FileSystemException failure) {
        String file = failure.getFile() == null ? "a file" : failure.getFile();
        if (failure instanceof NoSuchFileException) {
            return new EspalierException("ERR_NOT_FOUND", "There is no file or folder " + file + ".", failure);
        }
        if (failure instanceof AccessDeniedException) {
            return new EspalierException("ERR_OPERATION_FAILED", "Permission denied: " + file + ".", failure);
        }
        if (failure instanceof NotDirectoryException) {
            return new EspalierException("ERR_INVALID_INPUT", file + " is not a folder.", failure);
        }
        if (failure instanceof FileAlreadyExistsException) {
            return new EspalierException("ERR_OPERATION_FAILED", file + " is in the way.", failure);
        }
        if (failure instanceof DirectoryNotEmptyException) {
            return new EspalierException("ERR_DIR_NONEMPTY", "The folder " + file + " is not empty.", failure);
        }
        boolean full = isFull(failure);
        return new EspalierException(
                full ? STORAGE_FULL : "ERR_OPERATION_FAILED",
                sentence(
                        (full ? "The disk is full: " : "Input or output failed: ") + file + ": " + failure.getReason()),
                failure);
    }

    /** Java has no type for a full disk; the systems' own words are all there is. */
    private static boolean isFull(Throwable failure) {
        String message = text(failure).toLowerCase(Locale.ROOT);
        return message.contains("no space left")
                || message.contains("quota exceeded")
                || message.contains("not enough space");
    }

    private static String text(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    private static String sentence(String text) {
        String line = text.replace('\n', ' ').strip();
        return line.endsWith(".") ? line : line + ".";
    }
}
