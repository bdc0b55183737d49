package dev.espalier.examples;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.multisig.Signer;
import dev.espalier.release.multisig.SigningRequest;
import dev.espalier.release.multisig.SigningResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Answers a signing request with a key that never leaves a company's signing service. */
public final class SignByService {

    private SignByService() {}

    /** The address of the service, its public key, the request; prints the response. */
    public static void main(String[] args) {
        SigningRequest request = SigningRequest.parse(args[2]);
        try (Service signer = new Service(URI.create(args[0]), Key.parse(args[1]))) {
            // What the service returns is verified here, before it becomes a response.
            System.out.println(SigningResponse.sign(request, signer));
        }
    }

    // region signer
    /** A service that answers a message of 112 bytes with 64 bytes, its Ed25519 signature. */
    record Service(URI address, Key publicKey) implements Signer {

        @Override
        public byte[] sign(byte[] message) {
            HttpRequest post = HttpRequest.newBuilder(address)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(message))
                    .build();
            try {
                HttpResponse<byte[]> answer =
                        HttpClient.newHttpClient().send(post, HttpResponse.BodyHandlers.ofByteArray());
                if (answer.statusCode() == 200) {
                    return answer.body();
                }
                throw new EspalierException(
                        "ERR_OPERATION_FAILED", "The service refused: " + answer.statusCode() + ".");
            } catch (IOException e) {
                throw new EspalierException("ERR_OPERATION_FAILED", "The service cannot be reached.", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new EspalierException("ERR_INTERRUPTED", "Interrupted before it was signed.", e);
            }
        }
    }
    // endregion
}
