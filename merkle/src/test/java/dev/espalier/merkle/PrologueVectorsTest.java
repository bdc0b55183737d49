package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class PrologueVectorsTest {

    private static final JsonObject STATIC = Vectors.object("prologue").getAsJsonObject("static");
    private static final JsonObject SIGNED = Vectors.object("prologue").getAsJsonObject("signed");
    private static final KeyPair PAIR = Vectors.keyPair(21);
    private static final Vectors.Tally TALLY = new Vectors.Tally("prologue");

    @AfterAll
    static void say() {
        TALLY.print();
    }

    private static Manifest manifest(JsonObject vector) {
        return Manifest.decode(new CompactReader(Vectors.hex(vector.get("manifest"))));
    }

    private static List<ByteBuffer> blocks(int count) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(Vectors.block(i));
        }
        return blocks;
    }

    @Test
    void staticLogIsVerifiedWithoutSignature() {
        Manifest manifest = manifest(STATIC);
        assertThat(manifest.key().hex()).isEqualTo(STATIC.get("key").getAsString());
        MemoryLog reader = MemoryLog.reader(manifest.key());
        Proof proof =
                Proof.decode(new CompactReader(Vectors.hex(STATIC.get("wire")))).proof();

        assertThat(reader.apply(proof)).isEqualTo(STATIC.get("applied").getAsBoolean());

        assertThat(reader.head.length()).isEqualTo(Vectors.longOf(STATIC, "lengthAfter"));
        assertThat(reader.manifest).isEqualTo(manifest);
        TALLY.pass();
    }

    @Test
    void upgradesFromBelowTheProloguesEndGoToIt() {
        Manifest manifest = manifest(SIGNED);
        assertThat(manifest.key().hex()).isEqualTo(SIGNED.get("key").getAsString());
        MemoryLog log = MemoryLog.of(manifest).append(PAIR, blocks(6));
        for (JsonElement element : SIGNED.getAsJsonArray("morphed")) {
            JsonObject vector = element.getAsJsonObject();
            JsonObject upgrade = vector.getAsJsonObject("request");
            Proof expected = Vectors.proof(vector.getAsJsonObject("proof"));

            Proof proof = log.prove(
                    ProofRequest.ofUpgrade(Vectors.longOf(upgrade, "start"), Vectors.longOf(upgrade, "length")));

            assertThat(Vectors.encode(proof, 1)).isEqualTo(Vectors.encode(expected, 1));
            TALLY.pass();
        }
    }

    @Test
    void logBelowItsPrologueCannotBeSignedNorTruncatedInto() {
        Manifest manifest = manifest(SIGNED);
        HeadVerifier verifier = HeadVerifier.of(manifest.key(), manifest);
        MemoryLog three = MemoryLog.vectors(PAIR, 3);
        byte[] signature = verifier.sign(PAIR, three.head.treeHash(), 3, 0);
        assertThat(verifier.verify(three.head.roots(), 3, 0, signature)).isFalse();

        assertThat(SIGNED.get("appendBelowPrologue").getAsString())
                .isEqualTo(refusal(() -> Prologue.checkLength(manifest.prologue(), 0, 3)));
        TALLY.pass();
        assertThat(SIGNED.get("truncateBelowPrologue").getAsString())
                .isEqualTo(refusal(() -> Prologue.checkLength(manifest.prologue(), 6, 3)));
        TALLY.pass();
        Prologue.checkLength(manifest.prologue(), 0, 4);
        Prologue.checkLength(manifest.prologue(), 0, 6);
        Prologue.checkLength(null, 6, 0);
    }

    private static String refusal(Runnable action) {
        VerificationException failure = catchThrowableOfType(VerificationException.class, action::run);
        assertThat(failure).isNotNull();
        return failure.code();
    }

    @Test
    void otherBlocksThanThePrologueFixesAreRefusedEvenWhenSigned() {
        Manifest manifest = manifest(SIGNED);
        List<ByteBuffer> others = blocks(6);
        others.set(2, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        MemoryLog forger = MemoryLog.of(manifest).append(PAIR, others);
        for (Proof proof : List.of(
                forger.prove(ProofRequest.ofUpgrade(0, 6)),
                // Made without regard to the prologue, past its end.
                Prover.prove(forger, forger.head, null, ProofRequest.ofUpgrade(0, 6)),
                Prover.prove(forger, forger.head, null, ProofRequest.ofUpgrade(4, 2)))) {
            MemoryLog reader = MemoryLog.of(manifest);
            assertThatThrownBy(() -> reader.apply(proof)).isInstanceOf(VerificationException.class);
            MemoryLog stranger = MemoryLog.reader(manifest.key());
            assertThatThrownBy(() -> stranger.apply(proof.withManifest(manifest)))
                    .isInstanceOf(VerificationException.class);
        }
    }
}
