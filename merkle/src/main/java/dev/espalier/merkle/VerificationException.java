package dev.espalier.merkle;

/** Something foreign (a proof, a signature, a manifest) does not hold. Nothing was changed by it. */
public final class VerificationException extends EspalierException {

    private static final long serialVersionUID = 1L;

    /** The proof has the wrong form for the state it is applied to, or lacks a node. */
    public static final String INVALID_OPERATION = "INVALID_OPERATION";

    /** The proof contradicts what the manifest fixes, or shows a fork that cannot be verified. */
    public static final String INVALID_PROOF = "INVALID_PROOF";

    /** A computed hash differs from the trusted one. */
    public static final String INVALID_CHECKSUM = "INVALID_CHECKSUM";

    /** No quorum of valid signatures over the tree. */
    public static final String INVALID_SIGNATURE = "INVALID_SIGNATURE";

    static VerificationException operation(String message) {
        return new VerificationException(INVALID_OPERATION, message);
    }

    /** A failure with one of the codes above and a sentence that says what differs. */
    public VerificationException(String code, String message) {
        super(code, message);
    }
}
