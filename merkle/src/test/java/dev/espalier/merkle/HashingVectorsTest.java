package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class HashingVectorsTest {

    private static final JsonObject SECTION = Vectors.object("hashing");
    private static final Vectors.Tally TALLY = new Vectors.Tally("hashing");

    @AfterAll
    static void say() {
        TALLY.print();
    }

    private static byte[] utf8(JsonElement text) {
        return text.getAsString().getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void plainAndKeyedHashesAreThoseOfTheVectors() {
        for (JsonElement element : SECTION.getAsJsonArray("blake2b256")) {
            JsonArray pair = element.getAsJsonArray();
            assertThat(Blake2b.hash(utf8(pair.get(0)))).isEqualTo(Vectors.hex(pair.get(1)));
            TALLY.pass();
        }
        for (JsonElement element : SECTION.getAsJsonArray("blake2b256Keyed")) {
            JsonObject vector = element.getAsJsonObject();
            assertThat(Blake2b.keyed(Vectors.hex(vector.get("key")), utf8(vector.get("message"))))
                    .isEqualTo(Vectors.hex(vector.get("hash")));
            TALLY.pass();
        }
    }

    @Test
    void leavesParentsAndTheEmptyTreeHashAsInTheVectors() {
        for (JsonElement element : SECTION.getAsJsonArray("leaf")) {
            JsonArray pair = element.getAsJsonArray();
            assertThat(TreeHashes.leaf(ByteBuffer.wrap(Vectors.hex(pair.get(0)))))
                    .hasToString(pair.get(1).getAsString());
            TALLY.pass();
        }
        JsonObject parent = SECTION.getAsJsonObject("parent");
        TreeNode left = Vectors.node(parent.get("left"));
        TreeNode right = Vectors.node(parent.get("right"));
        TreeNode expected = new TreeNode(1, left.size() + right.size(), Hash.of(Vectors.hex(parent.get("hash"))));
        assertThat(TreeHashes.parent(left, right)).isEqualTo(expected);
        assertThat(TreeHashes.parent(right, left)).isEqualTo(expected);
        assertThat(parent.get("hashWithArgumentsSwapped")).isEqualTo(parent.get("hash"));
        TALLY.pass();
        TALLY.pass();
        assertThat(TreeHashes.tree(List.of()))
                .hasToString(SECTION.get("emptyTree").getAsString());
        assertThat(TreeHead.EMPTY.treeHash()).isEqualTo(TreeHashes.tree(List.of()));
        TALLY.pass();
    }
}
