package dev.espalier.drive;

import dev.espalier.log.StorageException;
import dev.espalier.merkle.EspalierException;
import java.nio.channels.ClosedByInterruptException;
import org.jspecify.annotations.Nullable;

/** The failures of this package, each with its code. */
final class Failures {

    private Failures() {}

    /** Foreign bytes that passed their signature and still make no sense. */
    static EspalierException corrupt(String message) {
        return new EspalierException("ERR_CORRUPT", message);
    }

    static EspalierException invalidInput(String message) {
        return new EspalierException("ERR_INVALID_INPUT", message);
    }

    static EspalierException notFound(String message) {
        return new EspalierException("ERR_NOT_FOUND", message);
    }

    static EspalierException notWritable(String message) {
        return new EspalierException("ERR_NOT_WRITABLE", message);
    }

    static EspalierException badArgument(String message) {
        return new EspalierException("BAD_ARGUMENT", message);
    }

    static EspalierException invalidOperation(String message) {
        return new EspalierException("INVALID_OPERATION", message);
    }

    /** The operating system refused. */
    static EspalierException io(String message, @Nullable Throwable cause) {
        // An interrupt closes the channel that is being used: that is no fault of the device.
        return cause instanceof ClosedByInterruptException
                ? new EspalierException("ERR_CANCELLED", "Interrupted: " + message, cause)
                : new StorageException(message, null, cause);
    }
}
