package dev.espalier.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.release.multisig.MultisigConfig;
import dev.espalier.release.multisig.SigningRequest;
import dev.espalier.release.multisig.SigningResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The service is one of this test, which signs with Java's own Ed25519. */
class SignByServiceTest {

    private final AtomicInteger refuseFrom = new AtomicInteger(Integer.MAX_VALUE);
    private final AtomicInteger spoilFrom = new AtomicInteger(Integer.MAX_VALUE);
    private final AtomicInteger asked = new AtomicInteger();
    private HttpServer service;
    private Key publicKey;
    private SigningRequest request;

    @BeforeEach
    void serve() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] encoded = pair.getPublic().getEncoded();
        publicKey = Key.of(Arrays.copyOfRange(encoded, encoded.length - Key.BYTES, encoded.length));
        MultisigConfig config = new MultisigConfig(true, List.of(publicKey), "orchard", 1, null);
        SigningRequest.Head head = new SigningRequest.Head(5, Hash.digest("tree".getBytes(UTF_8)));
        request = SigningRequest.of(3, config.manifest(), 0, head, head);
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/sign", exchange -> {
            int number = asked.incrementAndGet();
            byte[] message = exchange.getRequestBody().readAllBytes();
            byte[] signature = sign(pair, message);
            if (number >= spoilFrom.get()) {
                signature[7] ^= 1;
            }
            boolean refused = number >= refuseFrom.get();
            exchange.sendResponseHeaders(refused ? 403 : 200, refused ? -1 : signature.length);
            if (!refused) {
                exchange.getResponseBody().write(signature);
            }
            exchange.close();
        });
        service.start();
    }

    @AfterEach
    void stop() {
        service.stop(0);
    }

    private static byte[] sign(KeyPair pair, byte[] message) throws IOException {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + service.getAddress().getPort() + "/sign");
    }

    @Test
    void aServiceSignsBothLogsOfADrive() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, UTF_8));
        try {
            SignByService.main(new String[] {address().toString(), publicKey.toString(), request.toString()});
        } finally {
            System.setOut(before);
        }
        SigningResponse response = SigningResponse.parse(printed.toString(UTF_8).strip());
        response.verify(request);
        assertThat(response.publicKey()).isEqualTo(publicKey);
        assertThat(asked).hasValue(2);
    }

    @Test
    void whatTheServiceSpoilsOrRefusesBecomesNoResponse() {
        SignByService.Service signer = new SignByService.Service(address(), publicKey);
        spoilFrom.set(2);
        assertCode("INVALID_SIGNATURE", signer);
        refuseFrom.set(1);
        assertCode("ERR_OPERATION_FAILED", signer);
        service.stop(0);
        assertCode("ERR_OPERATION_FAILED", signer);
    }

    private void assertCode(String code, SignByService.Service signer) {
        assertThatThrownBy(() -> SigningResponse.sign(request, signer))
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
