package dev.espalier.merkle;

/** Foreign bytes that do not follow their encoding: too short, out of range, or of an unknown kind. */
public final class EncodingException extends EspalierException {

    private static final long serialVersionUID = 1L;

    /** The stable code of every decoding failure. */
    public static final String CODE = "ERR_INVALID_ENCODING";

    /** A decoding failure; the message names the field, the offset, what was expected and what was found. */
    public EncodingException(String message) {
        super(CODE, message);
    }
}
