package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ProofVectorsTest {

    private static final JsonObject SECTION = Vectors.object("proofs");
    private static final Key KEY = Key.of(Vectors.hex(SECTION.get("key")));
    private static final KeyPair PAIR = KeyPair.fromSeed(Vectors.hex(SECTION.get("seed")));
    private static final Vectors.Tally TALLY = new Vectors.Tally("proofs");
    private static final Map<Integer, MemoryLog> SOURCES = new HashMap<>();

    @AfterAll
    static void say() {
        TALLY.print();
    }

    private static MemoryLog source(JsonObject vector) {
        return SOURCES.computeIfAbsent(
                vector.get("sourceLength").getAsInt(), length -> MemoryLog.vectors(PAIR, length));
    }

    /** A log that knows its key and to which the proofs of the cases named were applied. */
    private static MemoryLog receiver(JsonArray prior) {
        MemoryLog receiver = MemoryLog.reader(KEY);
        for (JsonElement name : prior) {
            assertThat(receiver.apply(decode(caseNamed(name.getAsString())))).isTrue();
        }
        return receiver;
    }

    private static JsonObject caseNamed(String name) {
        for (JsonElement element : SECTION.getAsJsonArray("cases")) {
            if (element.getAsJsonObject().get("name").getAsString().equals(name)) {
                return element.getAsJsonObject();
            }
        }
        throw new AssertionError("no case " + name);
    }

    private static Proof decode(JsonObject vector) {
        Proof.Message message = Proof.decode(new CompactReader(Vectors.hex(vector.get("wire"))));
        assertThat(message.request()).isEqualTo(1);
        return message.proof();
    }

    @Test
    void proofsAreProducedAsInTheVectors() {
        for (JsonElement element : SECTION.getAsJsonArray("cases")) {
            JsonObject vector = element.getAsJsonObject();
            String name = vector.get("name").getAsString();
            ProofRequest request = Vectors.request(vector.getAsJsonObject("request"));

            Proof proof = source(vector).prove(request);

            assertThat(Vectors.hex(Vectors.encode(proof, 1)))
                    .as(name)
                    .isEqualTo(vector.get("wire").getAsString());
            TALLY.pass();
        }
    }

    @Test
    void requestsAskForTheNodesTheReceiverLacks() {
        for (JsonElement element : SECTION.getAsJsonArray("cases")) {
            JsonObject vector = element.getAsJsonObject();
            String name = vector.get("name").getAsString();
            ProofRequest request = Vectors.request(vector.getAsJsonObject("request"));
            ProofRequest.Node target = request.block() != null ? request.block() : request.hash();
            // These cases ask for a number of nodes of their own.
            if (target == null || name.contains("more-nodes") || name.startsWith("seek-")) {
                continue;
            }
            MemoryLog receiver = receiver(vector.getAsJsonArray("prior"));
            long index = request.block() != null ? 2 * target.index() : target.index();

            assertThat(Prover.missingNodes(receiver, receiver.head.length(), index))
                    .as(name)
                    .isEqualTo(target.nodes());
            TALLY.pass();
        }
    }

    @Test
    void proofsTravelUnchanged() {
        for (JsonElement element : SECTION.getAsJsonArray("cases")) {
            JsonObject vector = element.getAsJsonObject();
            Proof decoded = decode(vector);
            assertThat(Vectors.hex(Vectors.encode(decoded, 1)))
                    .isEqualTo(vector.get("wire").getAsString());
            Proof listed = Vectors.proof(vector.getAsJsonObject("proof"));
            assertThat(Vectors.hex(Vectors.encode(listed, 1)))
                    .isEqualTo(vector.get("wire").getAsString());
            TALLY.pass();
        }
    }

    @Test
    void proofsAreVerifiedAndStoredAsInTheVectors() {
        for (JsonElement element : SECTION.getAsJsonArray("cases")) {
            JsonObject vector = element.getAsJsonObject();
            String name = vector.get("name").getAsString();
            MemoryLog receiver = receiver(vector.getAsJsonArray("prior"));
            assertThat(receiver.head.length()).isEqualTo(Vectors.longOf(vector, "receiverLength"));
            Proof proof = decode(vector);

            ProofVerifier.Verified verified =
                    new ProofVerifier(KEY, receiver.manifest).verify(receiver, receiver.head, proof);

            assertThat(verified).isNotNull();
            List<Long> made = new ArrayList<>();
            verified.nodes().forEach(node -> made.add(node.index()));
            // JavaScript lists a node again where a part is used by the next one.
            assertThat(made)
                    .as(name)
                    .isEqualTo(List.copyOf(new LinkedHashSet<>(Vectors.longs(vector.get("verifiedNodes")))));

            assertThat(receiver.apply(proof)).isTrue();
            assertThat(receiver.head.length()).isEqualTo(Vectors.longOf(vector, "lengthAfter"));
            assertThat(List.copyOf(receiver.nodes.keySet())).isEqualTo(Vectors.longs(vector.get("storedNodesAfter")));
            assertThat(receiver.nodes)
                    .as("same nodes as the source")
                    .allSatisfy((index, node) -> assertThat(node)
                            .isEqualTo(MemoryLog.vectors(PAIR, 20).nodes.get(index)));
            TALLY.pass();
        }
    }

    @Test
    void damagedProofsMeetTheVerdictOfJavaScript() {
        for (JsonElement element : SECTION.getAsJsonArray("damaged")) {
            JsonObject vector = element.getAsJsonObject();
            String name = vector.get("name").getAsString();
            MemoryLog receiver = receiver(vector.getAsJsonArray("prior"));
            Proof proof = decode(vector);

            if (vector.has("error")) {
                VerificationException failure =
                        catchThrowableOfType(VerificationException.class, () -> receiver.apply(proof));
                assertThat(failure).as(name).isNotNull();
                assertThat(failure.code())
                        .as(name)
                        .isEqualTo(vector.get("error").getAsString());
            } else {
                assertThat(receiver.apply(proof))
                        .as(name)
                        .isEqualTo(vector.get("result").getAsBoolean());
            }
            assertThat(receiver.head.length()).as(name).isEqualTo(Vectors.longOf(vector, "lengthAfter"));
            TALLY.pass();
        }
    }

    @Test
    void requestsThatCannotBeAnsweredAreRefused() {
        for (JsonElement element : SECTION.getAsJsonArray("refusedRequests")) {
            JsonObject vector = element.getAsJsonObject();
            ProofRequest request = Vectors.request(vector.getAsJsonObject("request"));

            VerificationException failure = catchThrowableOfType(
                    VerificationException.class, () -> source(vector).prove(request));

            assertThat(failure).as(vector.get("name").getAsString()).isNotNull();
            assertThat(failure.code()).isEqualTo(vector.get("answer").getAsString());
            TALLY.pass();
        }
    }

    @Test
    void standaloneProofNeedsTheKeyAlone() {
        JsonObject vector = SECTION.getAsJsonObject("standalone");
        MemoryLog source = source(vector);
        long index = Vectors.longOf(vector, "block");
        ByteBuffer value = Vectors.block((int) index);

        StandaloneProof made = StandaloneProof.ofBlock(KEY, source.manifest, source, source.head, index, value);
        assertThat(Vectors.hex(made.encode())).isEqualTo(vector.get("buffer").getAsString());
        assertThat(made.discoveryKey().hex())
                .isEqualTo(vector.get("discoveryKey").getAsString());

        StandaloneProof.Verified verified = StandaloneProof.decode(ByteBuffer.wrap(Vectors.hex(vector.get("buffer"))))
                .verify(KEY);
        assertThat(verified.head().treeHash()).isEqualTo(source.head.treeHash());
        assertThat(verified.manifest()).isEqualTo(source.manifest);
        assertThat(verified.block().index()).isEqualTo(index);
        assertThat(verified.block().value()).isEqualTo(value);
        TALLY.pass();
    }
}
