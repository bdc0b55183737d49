package dev.espalier.release.multisig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Namespaces;
import dev.espalier.release.Vectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** All that {@code release.json} knows of keys, requests, responses and signatures. */
class MultisigVectorsTest {

    private static byte[] hex(JsonElement value) {
        return HexFormat.of().parseHex(value.getAsString());
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static String text(JsonObject vector, String name) {
        return vector.get(name).getAsString();
    }

    private static JsonObject request(String name) {
        return Vectors.list("requests")
                .filter(v -> text(v, "name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static SecretKey signer(int number) {
        return SecretKey.ofSeed(hex(Vectors.list("signers").toList().get(number).get("seed")));
    }

    private static MultisigConfig config(JsonObject vector) {
        JsonObject json = new JsonObject();
        json.addProperty("type", "drive");
        json.add("publicKeys", vector.get("publicKeys"));
        json.add("namespace", vector.get("namespace"));
        if (vector.has("quorum")) {
            json.add("quorum", vector.get("quorum"));
        }
        return MultisigConfig.parse(json.toString(), "multisig.json");
    }

    @TestFactory
    Stream<DynamicTest> configurationsLeadToKeys() {
        return Vectors.list("multisig", "configs")
                .map(v -> DynamicTest.dynamicTest(text(v, "name"), () -> {
                    MultisigConfig config = config(v);
                    assertThat(config.quorum())
                            .isEqualTo(v.get("effectiveQuorum").getAsInt());
                    assertThat(config.namespaceHash()).hasToString(text(v, "namespaceHash"));
                    assertThat(hex(config.manifest().encoded())).isEqualTo(text(v, "manifest"));
                    assertThat(config.key().hex()).isEqualTo(text(v, "key"));
                    assertThat("pear://" + config.key()).isEqualTo(text(v, "link"));
                    assertThat(config.key().discoveryKey().hex()).isEqualTo(text(v, "discoveryKey"));
                    JsonObject blobs = v.getAsJsonObject("blobs");
                    Manifest content = config.blobsManifest();
                    assertThat(content).isNotNull();
                    assertThat(hex(content.encoded())).isEqualTo(text(blobs, "manifest"));
                    assertThat(content.key().hex()).isEqualTo(text(blobs, "key"));
                    assertThat(content.signers().get(0).namespace()).hasToString(text(blobs, "namespace"));
                }));
    }

    @TestFactory
    Stream<DynamicTest> impossibleConfigurationsAreRefused() {
        return Vectors.list("multisig", "invalid")
                .map(v -> DynamicTest.dynamicTest(v.toString(), () -> {
                    JsonElement code = v.getAsJsonObject("error").get("code");
                    String message = v.getAsJsonObject("error").get("message").getAsString();
                    assertThatThrownBy(() -> config(v))
                            .satisfies(e -> assertThat(((EspalierException) e).code())
                                    .isEqualTo(code.isJsonNull() ? "ERR_INVALID_INPUT" : code.getAsString()))
                            .hasMessageContaining(
                                    code.isJsonNull() ? "publicKeys" : message.substring("BAD_ARGUMENT: ".length()));
                }));
    }

    @Test
    void theConstantsAreThose() {
        JsonObject constants = Vectors.object("constants");
        assertThat(Namespaces.TREE).hasToString(text(constants, "treeNamespace"));
        assertThat(Namespaces.MANIFEST).hasToString(text(constants, "manifestNamespace"));
        assertThat(Namespaces.DEFAULT_NAMESPACE).hasToString(text(constants, "defaultSignerNamespace"));
        assertThat(Namespaces.of("hyperdrive", 0)).hasToString(text(constants, "blobsNamespace"));
    }

    @TestFactory
    Stream<DynamicTest> namespacesAreHashed() {
        return Vectors.list("namespaces")
                .map(v -> DynamicTest.dynamicTest("\"" + text(v, "namespace") + "\"", () -> {
                    MultisigConfig config =
                            new MultisigConfig(true, List.of(signer(0).publicKey()), text(v, "namespace"), 1, null);
                    assertThat(config.namespaceHash()).hasToString(text(v, "hash"));
                }));
    }

    @TestFactory
    Stream<DynamicTest> requestsAreReadAndWritten() {
        return Vectors.list("requests")
                .map(v -> DynamicTest.dynamicTest(text(v, "name"), () -> {
                    byte[] bytes = hex(v.get("bytes"));
                    JsonObject decoded = v.getAsJsonObject("decoded");
                    SigningRequest request = SigningRequest.parse(text(v, "z32"));
                    assertThat(request).isEqualTo(SigningRequest.decode(bytes));
                    assertThat(request.hash()).hasToString(text(v, "hash"));
                    assertThat(request.version())
                            .isEqualTo(decoded.get("version").getAsInt());
                    assertThat(request.head().length())
                            .isEqualTo(decoded.get("length").getAsLong());
                    assertThat(request.head().treeHash()).hasToString(text(decoded, "treeHash"));
                    assertThat(request.fork()).isEqualTo(decoded.get("fork").getAsLong());
                    assertThat(request.key().hex()).isEqualTo(text(decoded, "key"));
                    assertThat(request.key()).hasToString(text(decoded, "id"));
                    assertThat(request.isDrive())
                            .isEqualTo(decoded.get("isDrive").getAsBoolean());
                    SigningRequest again = SigningRequest.of(
                            request.version(), request.manifest(), request.fork(), request.head(), request.blobs());
                    assertThat(hex(again.encoded())).isEqualTo(text(v, "bytes"));
                    assertThat(again).hasToString(text(v, "z32"));
                    if (request.isDrive()) {
                        JsonObject content = decoded.getAsJsonObject("content");
                        assertThat(request.blobs().length())
                                .isEqualTo(content.get("length").getAsLong());
                        assertThat(request.blobs().treeHash()).hasToString(text(content, "treeHash"));
                    }
                    JsonArray signables = v.has("signables") ? v.getAsJsonArray("signables") : new JsonArray();
                    for (JsonElement signable : signables) {
                        int index = signable.getAsJsonObject().get("signer").getAsInt();
                        List<String> messages = request
                                .signables(request.signers().get(index))
                                .stream()
                                .map(MultisigVectorsTest::hex)
                                .toList();
                        List<String> expected = new ArrayList<>();
                        signable.getAsJsonObject()
                                .getAsJsonArray("items")
                                .forEach(item -> expected.add(item.getAsString()));
                        assertThat(messages).isEqualTo(expected);
                    }
                    assertThat(SigningRequest.isRequest(bytes)).isTrue();
                    assertThat(SigningResponse.isResponse(bytes)).isEqualTo(request.version() < 3);
                }));
    }

    @TestFactory
    Stream<DynamicTest> responsesAreMadeByteForByte() {
        return Vectors.list("responses")
                .map(v -> DynamicTest.dynamicTest(text(v, "request") + " by " + v.get("signer"), () -> {
                    SigningRequest request = SigningRequest.decode(
                            hex(request(text(v, "request")).get("bytes")));
                    try (SecretKey key = signer(v.get("signer").getAsInt())) {
                        SigningResponse made = SigningResponse.sign(request, key);
                        assertThat(hex(made.encoded())).isEqualTo(text(v, "bytes"));
                        assertThat(made).hasToString(text(v, "z32"));
                        SigningResponse read = SigningResponse.parse(" " + text(v, "z32") + "\n");
                        assertThat(read).isEqualTo(made);
                        read.verify(request);
                        assertThat(SigningResponse.isResponse(made.encoded())).isTrue();
                        assertThat(SigningRequest.isRequest(made.encoded())).isEqualTo(request.version() < 3);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> damagedRequestsAndResponsesAreRefused() {
        Map<String, String> words = new HashMap<>();
        words.put("trailing byte", "Unparsed padding left");
        words.put("length zero", "Refusing to sign length = 0");
        words.put("type 1 (response)", "Expected an encoded request");
        words.put("type 0 (request)", "Expected an encoded response");
        words.put("version 4", "version");
        words.put("cut short", "This is no");
        Stream<DynamicTest> requests = Vectors.list("refusals", "request")
                .map(v -> DynamicTest.dynamicTest(
                        "request: " + text(v, "what"),
                        () -> assertThatThrownBy(() -> SigningRequest.decode(hex(v.get("bytes"))))
                                .hasMessageContaining(words.get(text(v, "what")))
                                .extracting("code")
                                .isEqualTo("ERR_INVALID_REQUEST")));
        Stream<DynamicTest> responses = Vectors.list("refusals", "response")
                .map(v -> DynamicTest.dynamicTest(
                        "response: " + text(v, "what"),
                        () -> assertThatThrownBy(() -> SigningResponse.decode(hex(v.get("bytes"))))
                                .hasMessageContaining(words.get(text(v, "what")))
                                .extracting("code")
                                .isEqualTo("ERR_INVALID_RESPONSE")));
        return Stream.concat(requests, responses);
    }

    @TestFactory
    Stream<DynamicTest> responsesThatDoNotHoldAreRefused() {
        SigningRequest request = SigningRequest.decode(hex(request("core-v3").get("bytes")));
        Map<String, String> codes = Map.of(
                "response of another request", "ERR_OTHER_REQUEST",
                "flipped signature bit", "INVALID_SIGNATURE",
                "undeclared signer", "ERR_UNKNOWN_SIGNER",
                "signature count", "INVALID_SIGNATURE",
                "not decodable", "ERR_INVALID_RESPONSE");
        return Vectors.list("refusals", "verify")
                .map(v -> DynamicTest.dynamicTest(text(v, "what"), () -> {
                    String code = codes.get(text(v, "what"));
                    if (code == null) {
                        // A public key that the caller expected: here nobody expects one, the manifest decides.
                        assertThat(text(v, "what")).isEqualTo("wrong public key");
                        SigningResponse response = SigningResponse.decode(hex(v.get("response")));
                        assertThat(response.publicKey().hex()).isNotEqualTo(text(v, "publicKey"));
                        response.verify(request);
                        return;
                    }
                    SigningRequest asked = Vectors.list("requests")
                            .filter(r -> text(r, "hash").equals(text(v, "requestHash")))
                            .map(r -> SigningRequest.decode(hex(r.get("bytes"))))
                            .findFirst()
                            .orElseThrow();
                    assertThatThrownBy(() -> SigningResponse.decode(hex(v.get("response")))
                                    .verify(asked))
                            .extracting("code")
                            .isEqualTo(code);
                }));
    }

    private static Responses responses(String request, JsonArray signers) {
        SigningRequest asked = SigningRequest.decode(hex(request(request).get("bytes")));
        List<SigningResponse> all = new ArrayList<>();
        for (JsonElement number : signers) {
            try (SecretKey key = signer(number.getAsInt())) {
                all.add(SigningResponse.sign(asked, key));
            }
        }
        return new Responses(asked, all);
    }

    @TestFactory
    Stream<DynamicTest> signaturesAreAssembledByteForByte() {
        String request = text(Vectors.object("assembled"), "request");
        return Vectors.list("assembled", "multisignatures")
                .map(v -> DynamicTest.dynamicTest(
                        v.get("signers").toString(),
                        () -> assertThat(hex(responses(request, v.getAsJsonArray("signers"))
                                        .signature(0)))
                                .isEqualTo(text(v, "bytes"))));
    }

    @TestFactory
    Stream<DynamicTest> signaturesOfCommitsAreAssembledByteForByte() {
        return Vectors.list("commits")
                .map(v -> DynamicTest.dynamicTest(text(v, "name"), () -> {
                    Responses responses = responses(text(v, "request"), v.getAsJsonArray("signersInOrder"));
                    assertThat(hex(responses.signature(0))).isEqualTo(signature(v, "db"));
                    assertThat(hex(responses.signature(1))).isEqualTo(signature(v, "blobs"));
                    assertThat(responses.isQuorum()).isTrue();
                }));
    }

    private static String signature(JsonObject commit, String part) {
        return commit.getAsJsonObject(part)
                .getAsJsonObject("signature")
                .get("bytes")
                .getAsString();
    }

    @Test
    void whoAnswersTwiceCountsOnce() {
        JsonArray twice = new JsonArray();
        twice.add(1);
        twice.add(1);
        Responses responses = responses("core-v3", twice);
        assertThat(responses.obtained()).isEqualTo(1);
        assertThat(responses.missing())
                .containsExactly(signer(0).publicKey(), signer(2).publicKey());
        assertThatThrownBy(responses::requireQuorum)
                .hasMessageContaining("Insufficient quorum: 1 / 2")
                .hasMessageContaining(signer(0).publicKey().toString())
                .extracting("code")
                .isEqualTo("ERR_INSUFFICIENT_QUORUM");
    }

    @Test
    void aSignerThatSignsSomethingElseIsFoundOut() {
        SigningRequest request = SigningRequest.decode(hex(request("core-v3").get("bytes")));
        Signer broken = new Signer() {
            @Override
            public Key publicKey() {
                return signer(0).publicKey();
            }

            @Override
            public byte[] sign(byte[] message) {
                return signer(0).sign(Hash.digest(message).bytes());
            }
        };
        assertThatThrownBy(() -> SigningResponse.sign(request, broken))
                .extracting("code")
                .isEqualTo("INVALID_SIGNATURE");
        try (SecretKey foreign = SecretKey.random()) {
            assertThatThrownBy(() -> SigningResponse.sign(request, foreign))
                    .extracting("code")
                    .isEqualTo("ERR_UNKNOWN_SIGNER");
        }
    }

    @Test
    void aFlippedBitNeverGivesAResponseToTheSameRequest() {
        byte[] bytes = hex(request("drive-release-1-v3").get("bytes"));
        SigningRequest request = SigningRequest.decode(bytes);
        SigningResponse response;
        try (SecretKey key = signer(0)) {
            response = SigningResponse.sign(request, key);
        }
        for (int at = 0; at < bytes.length; at++) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= 4;
            SigningRequest other = decoded(flipped);
            if (other != null) {
                assertThatThrownBy(() -> response.verify(other))
                        .extracting("code")
                        .isEqualTo("ERR_OTHER_REQUEST");
            }
        }
        byte[] answer = response.encoded();
        for (int at = 0; at < answer.length; at++) {
            byte[] flipped = answer.clone();
            flipped[at] ^= 4;
            assertThatThrownBy(() -> SigningResponse.decode(flipped).verify(request))
                    .as("byte %s", at)
                    .isInstanceOf(EspalierException.class);
        }
    }

    private static @Nullable SigningRequest decoded(byte[] bytes) {
        try {
            return SigningRequest.decode(bytes);
        } catch (EspalierException e) {
            assertThat(e.code()).isEqualTo("ERR_INVALID_REQUEST");
            return null;
        }
    }
}
