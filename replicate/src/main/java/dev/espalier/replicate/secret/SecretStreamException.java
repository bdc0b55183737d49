package dev.espalier.replicate.secret;

import dev.espalier.merkle.EspalierException;
import org.jspecify.annotations.Nullable;

/** The other side of an encrypted connection broke its rules. The connection ends; nothing else is affected. */
public final class SecretStreamException extends EspalierException {

    private static final long serialVersionUID = 1L;

    /** The handshake failed: garbage, a wrong key, or two sides with the same role. */
    public static final String HANDSHAKE = "ERR_HANDSHAKE";

    /** One side encrypts, the other is for trusted links. */
    public static final String TRANSPORT = "ERR_TRANSPORT_MISMATCH";

    /** A frame after the handshake was malformed or not authentic. */
    public static final String PROTOCOL = "ERR_PROTOCOL";

    /** The handshake did not end in time. */
    public static final String TIMEOUT = "ERR_TIMEOUT";

    /** A failure with one of the codes above and a sentence that says what differs. */
    public SecretStreamException(String code, String message) {
        super(code, message);
    }

    /** A failure with one of the codes above, a sentence that says what differs, and what caused it. */
    public SecretStreamException(String code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
