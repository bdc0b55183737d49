package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ReorgVectorsTest {

    private static final KeyPair PAIR = Vectors.keyPair(1);
    private static final Vectors.Tally TALLY = new Vectors.Tally("reorgs");

    @AfterAll
    static void say() {
        TALLY.print();
    }

    private static MemoryLog remote(JsonObject vector) {
        MemoryLog remote = MemoryLog.vectors(PAIR, 20)
                .truncate(PAIR, Vectors.longOf(vector, "commonLength"), Vectors.longOf(vector, "remoteFork"));
        List<ByteBuffer> extra = new ArrayList<>();
        vector.getAsJsonArray("extraBlocks").forEach(block -> extra.add(ByteBuffer.wrap(Vectors.hex(block))));
        return extra.isEmpty() ? remote : remote.append(PAIR, extra);
    }

    @Test
    void reorgsTakeTheStepsOfTheVectors() {
        for (JsonElement element : Vectors.section("reorgs").getAsJsonArray()) {
            JsonObject vector = element.getAsJsonObject();
            MemoryLog local = MemoryLog.vectors(PAIR, vector.get("localLength").getAsInt());
            MemoryLog remote = remote(vector);
            Proof first = remote.prove(ProofRequest.ofUpgrade(0, remote.head.length()));
            assertThat(Vectors.encode(first, 1))
                    .isEqualTo(Vectors.encode(Vectors.proof(vector.getAsJsonObject("first")), 1));

            Reorg reorg = Reorg.begin(new ProofVerifier(local.key, local.manifest), local, local.head, first);
            for (JsonElement step : vector.getAsJsonArray("steps")) {
                assertStep(reorg, remote, step.getAsJsonObject());
                TALLY.pass();
            }

            assertThat(reorg.isFinished()).isTrue();
            Reorg.Result result = reorg.result();
            JsonObject after = vector.getAsJsonObject("after");
            assertThat(result.commonLength()).isEqualTo(Vectors.longOf(vector, "ancestors"));
            assertThat(result.head().length()).isEqualTo(Vectors.longOf(after, "length"));
            assertThat(result.head().fork()).isEqualTo(Vectors.longOf(after, "fork"));
            assertThat(result.head().treeHash())
                    .hasToString(after.get("treeHash").getAsString());
            assertThat(result.manifest()).isNull();

            local.forget(result.commonLength());
            result.nodes().forEach(node -> local.nodes.put(node.index(), node));
            assertThat(local.blocks).hasSize(after.get("contiguousLength").getAsInt());
            assertThat(local.nodes)
                    .allSatisfy((index, node) -> assertThat(remote.node(index)).isEqualTo(node));
            TALLY.pass();
        }
    }

    private static void assertStep(Reorg reorg, MemoryLog remote, JsonObject step) {
        JsonObject expected = step.getAsJsonObject("want");
        Reorg.Want want = reorg.want();
        assertThat(want)
                .isEqualTo(new Reorg.Want(
                        Vectors.longOf(expected, "start"),
                        Vectors.longOf(expected, "end"),
                        Vectors.longOf(expected, "nodes")));
        ProofRequest request = want.request(Math.min(want.start(), remote.head.length() - 1));
        assertThat(request).isEqualTo(Vectors.request(step.getAsJsonObject("request")));
        Proof answer = remote.prove(request);
        assertThat(Vectors.encode(answer, 1))
                .isEqualTo(Vectors.encode(Vectors.proof(step.getAsJsonObject("proof")), 1));
        assertThat(reorg.update(answer)).isTrue();
        assertThat(reorg.isFinished()).isEqualTo(step.get("finished").getAsBoolean());
    }
}
