package dev.espalier.replicate.mux;

import dev.espalier.merkle.EspalierException;

/** The other side of a connection broke the rules of the mux. The connection ends; nothing else is affected. */
public final class MuxException extends EspalierException {

    private static final long serialVersionUID = 1L;

    /** The code of all of them. */
    public static final String CODE = "ERR_PROTOCOL";

    /** A sentence that says what the peer did. */
    public MuxException(String message) {
        super(CODE, message);
    }
}
