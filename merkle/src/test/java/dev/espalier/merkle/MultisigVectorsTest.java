package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultisigVectorsTest {

    @Test
    void signatureFieldsAreAssembledAndJudgedAsInTheVectors() {
        Vectors.Tally tally = new Vectors.Tally("multisig");
        JsonObject section = Vectors.object("multisig");
        for (JsonElement element : section.getAsJsonArray("cases")) {
            JsonObject vector = element.getAsJsonObject();
            Manifest manifest = Vectors.manifest(vector.get("manifest").getAsString());
            HeadVerifier verifier = HeadVerifier.of(manifest.key(), manifest);
            int length = vector.get("length").getAsInt();
            MemoryLog target = MemoryLog.vectors(Vectors.keyPair(11), length);
            byte[] field = Vectors.hex(vector.get("signature"));
            String title = vector.get("title").getAsString();

            assertThat(target.head.treeHash())
                    .hasToString(vector.get("treeHash").getAsString());
            assertThat(verifier.assemble(contributions(vector.getAsJsonArray("inputs"), length)))
                    .as(title)
                    .isEqualTo(field);
            assertThat(verifier.verify(target.head.roots(), length, 0, field))
                    .as(title)
                    .isEqualTo(expected(vector));
            tally.pass();
        }
        for (JsonElement element : section.getAsJsonArray("signableLength")) {
            JsonArray vector = element.getAsJsonArray();
            long[] lengths = Vectors.longs(vector.get(0)).stream()
                    .mapToLong(Long::longValue)
                    .toArray();
            assertThat(MultiSignature.signableLength(lengths, vector.get(1).getAsInt()))
                    .isEqualTo(vector.get(2).getAsLong());
            tally.pass();
        }
        tally.print();
    }

    /** JavaScript throws on some fields; here they are simply not valid. */
    private static boolean expected(JsonObject vector) {
        return vector.has("result") && vector.get("result").getAsBoolean();
    }

    private static List<MultiSignature.Contribution> contributions(JsonArray inputs, int length) {
        List<MultiSignature.Contribution> parts = new ArrayList<>();
        for (JsonElement element : inputs) {
            JsonObject input = element.getAsJsonObject();
            long patch = input.get("patch").getAsLong();
            MemoryLog signerLog = MemoryLog.vectors(Vectors.keyPair(11), (int) (length + patch));
            MultiSignature.Contribution part = MultiSignature.Contribution.of(
                    input.get("signer").getAsInt(),
                    Vectors.hex(input.get("signature")),
                    signerLog,
                    signerLog.head,
                    length);
            assertThat(part.patch()).isEqualTo(patch);
            assertThat(part.nodes()).isEqualTo(Vectors.nodes(input.get("nodes")));
            parts.add(part);
        }
        return parts;
    }
}
