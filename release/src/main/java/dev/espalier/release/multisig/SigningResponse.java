package dev.espalier.release.multisig;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EncodingException;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Signatures;
import dev.espalier.merkle.VerificationException;
import dev.espalier.merkle.ZBase32;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one signer answers to a {@link SigningRequest} (release specification §4.3).
 *
 * <pre>
 * uint version (that of the request) | [version 3: 01] | request hash 32 | public key 32
 * | uint count | signature 64 each (1 for a log; 2 for a drive: database, blobs)
 * </pre>
 *
 * <p><b>Threading:</b> immutable.
 */
public final class SigningResponse {

    private static final String INVALID = "ERR_INVALID_RESPONSE";

    private final int version;
    private final Hash requestHash;
    private final Key publicKey;
    private final List<byte[]> signatures;

    private SigningResponse(int version, Hash requestHash, Key publicKey, List<byte[]> signatures) {
        this.version = version;
        this.requestHash = requestHash;
        this.publicKey = publicKey;
        this.signatures = List.copyOf(signatures);
    }

    /**
     * Signs a request. What the signer returns is verified before it is handed on.
     *
     * @throws EspalierException {@code ERR_UNKNOWN_SIGNER}; {@code INVALID_SIGNATURE} when the signer fails at its trade;
     *     whatever the signer throws
     */
    public static SigningResponse sign(SigningRequest request, Signer signer) {
        List<byte[]> signatures = new ArrayList<>();
        for (byte[] message : request.signables(signer.publicKey())) {
            signatures.add(signer.sign(message).clone());
        }
        SigningResponse response =
                new SigningResponse(request.version(), request.hash(), signer.publicKey(), signatures);
        response.verify(request);
        return response;
    }

    /**
     * Reads a response from its text; white space in it is ignored.
     *
     * @throws EspalierException {@code ERR_INVALID_RESPONSE} saying what is wrong
     */
    public static SigningResponse parse(String text) {
        return decode(SigningRequest.bytes(text, "response", INVALID));
    }

    /**
     * Reads a response.
     *
     * @throws EspalierException {@code ERR_INVALID_RESPONSE} saying what is wrong
     */
    public static SigningResponse decode(byte[] bytes) {
        CompactReader in = new CompactReader(bytes);
        try {
            long version = in.uint();
            if (version > SigningRequest.VERSION) {
                throw new EspalierException(
                        INVALID, "Response version " + version + " is not supported, please upgrade.");
            }
            if (version == SigningRequest.VERSION && in.uint8() != 1) {
                throw new EspalierException(INVALID, "Expected an encoded response, this is a request.");
            }
            Hash requestHash = in.hash();
            Key publicKey = Key.of(in.fixed(Key.BYTES));
            int count = in.count(Signatures.BYTES);
            List<byte[]> signatures = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                signatures.add(in.fixed(Signatures.BYTES));
            }
            if (in.remaining() > 0) {
                throw new EspalierException(
                        INVALID,
                        "Unparsed padding left in response, bailing: " + in.remaining() + " bytes follow its end.");
            }
            return new SigningResponse((int) version, requestHash, publicKey, signatures);
        } catch (EncodingException e) {
            throw new EspalierException(INVALID, "This is no response: " + e.getMessage() + ".", e);
        }
    }

    /** Whether these bytes may be a response; up to version 2 requests and responses look the same at their beginning. */
    public static boolean isResponse(byte[] bytes) {
        return SigningRequest.isKind(bytes, 1);
    }

    /**
     * Checks that it answers this request, that its signer is one of those asked, and every signature.
     *
     * @throws EspalierException {@code ERR_OTHER_REQUEST}, {@code ERR_UNKNOWN_SIGNER}; {@code INVALID_SIGNATURE}
     */
    public void verify(SigningRequest request) {
        if (!requestHash.equals(request.hash())) {
            throw new EspalierException(
                    "ERR_OTHER_REQUEST",
                    "Signature was not made over this request: the response of " + publicKey
                            + " answers another one, an older one maybe; let it be signed again.");
        }
        List<byte[]> messages = request.signables(publicKey);
        if (messages.size() != signatures.size()) {
            throw new VerificationException(
                    VerificationException.INVALID_SIGNATURE,
                    "Invalid response: signature count does not match, expected " + messages.size() + ", found "
                            + signatures.size() + " of " + publicKey + ".");
        }
        for (int i = 0; i < messages.size(); i++) {
            if (!Signatures.verify(signatures.get(i), messages.get(i), publicKey)) {
                throw new VerificationException(
                        VerificationException.INVALID_SIGNATURE,
                        "Invalid signature! That of " + publicKey + " for the "
                                + request.parts().get(i).name()
                                + " does not hold; the response was damaged on its way.");
            }
        }
    }

    /** That of the request. */
    public int version() {
        return version;
    }

    /** {@link SigningRequest#hash} of the request it answers. */
    public Hash requestHash() {
        return requestHash;
    }

    /** Who signed, as he says; see {@link #verify}. */
    public Key publicKey() {
        return publicKey;
    }

    /** A copy of the signature of one of the parts of the request. */
    byte[] signature(int part) {
        return signatures.get(part).clone();
    }

    /** The bytes. */
    public byte[] encoded() {
        CompactWriter out = new CompactWriter(256);
        out.uint(version);
        if (version >= SigningRequest.VERSION) {
            out.uint8(1);
        }
        out.hash(requestHash).raw(publicKey.bytes()).uint(signatures.size());
        signatures.forEach(out::raw);
        return out.toByteArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SigningResponse that && Arrays.equals(encoded(), that.encoded());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded());
    }

    /** The text in which it travels. */
    @Override
    public String toString() {
        return ZBase32.encode(encoded());
    }
}
