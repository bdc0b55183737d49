package dev.espalier.merkle;

import org.jspecify.annotations.Nullable;

/**
 * The root of all failures of this library that are not plain programming mistakes.
 *
 * <p>Unchecked. Carries a stable {@link #code()} that scripts may rely on, such as {@code ERR_INVALID_LINK}, and a
 * message of one sentence that says what is wrong, with the numbers, and what to do.
 */
public class EspalierException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String code;

    /** A failure with its stable code and a message fit for a person. */
    public EspalierException(String code, String message) {
        this(code, message, null);
    }

    /** A failure with its stable code, a message fit for a person and what caused it. */
    public EspalierException(String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** The stable code: upper case words joined by underscores. */
    public final String code() {
        return code;
    }
}
