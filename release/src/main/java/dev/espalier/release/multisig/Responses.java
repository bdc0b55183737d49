package dev.espalier.release.multisig;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.MultiSignature;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * The responses to one request, all of them verified, and the signatures that come of them (release specification §4.3,
 * §4.6).
 *
 * <p>Who answered twice counts once, with the last answer. <b>Threading:</b> immutable.
 */
public final class Responses {

    private final SigningRequest request;

    /** By the position of the signer in the manifest: readers look at the first ones only, and in this order. */
    private final TreeMap<Integer, SigningResponse> bySigner = new TreeMap<>();

    /**
     * Verifies all responses.
     *
     * @throws EspalierException as {@link SigningResponse#verify}
     */
    public Responses(SigningRequest request, Collection<SigningResponse> responses) {
        this.request = request;
        for (SigningResponse response : responses) {
            response.verify(request);
            bySigner.put(request.indexOf(response.publicKey()), response);
        }
    }

    /** How many signers answered. */
    public int obtained() {
        return bySigner.size();
    }

    /** How many must. */
    public int required() {
        return request.manifest().quorum();
    }

    /** Whether enough answered. */
    public boolean isQuorum() {
        return obtained() >= required();
    }

    /** Those who have not answered, in the order of the manifest. */
    public List<Key> missing() {
        List<Key> missing = new ArrayList<>();
        List<Key> signers = request.signers();
        for (int i = 0; i < signers.size(); i++) {
            if (!bySigner.containsKey(i)) {
                missing.add(signers.get(i));
            }
        }
        return missing;
    }

    /**
     * Refuses to go on without a quorum.
     *
     * @throws EspalierException {@code ERR_INSUFFICIENT_QUORUM}, naming who is missing
     */
    public void requireQuorum() {
        if (!isQuorum()) {
            throw new EspalierException(
                    "ERR_INSUFFICIENT_QUORUM",
                    "Insufficient quorum: " + obtained() + " / " + required() + "; not signed by "
                            + String.join(
                                    ", ", missing().stream().map(Key::toString).toList()) + ".");
        }
    }

    /** The signature field of one of the logs: what all signers contributed, in the order of the manifest. */
    public byte[] signature(int part) {
        List<MultiSignature.Contribution> contributions = new ArrayList<>();
        bySigner.forEach((signer, response) ->
                contributions.add(new MultiSignature.Contribution(signer, response.signature(part), 0, List.of())));
        SigningRequest.Part log = request.parts().get(part);
        return HeadVerifier.of(log.manifest().key(), log.manifest()).assemble(contributions);
    }
}
