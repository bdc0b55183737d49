package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class TreeVectorsTest {

    private static final JsonObject SECTION = Vectors.object("tree");
    private static final Vectors.Tally TALLY = new Vectors.Tally("tree");
    private static final MemoryLog LOG = MemoryLog.vectors(Vectors.keyPair(1), 20);

    @AfterAll
    static void say() {
        TALLY.print();
    }

    @Test
    void everyLengthHasTheRootsAndTreeHashOfTheVectors() {
        JsonArray blocks = SECTION.getAsJsonArray("blocks");
        TreeBatch batch = new TreeBatch(TreeHead.EMPTY);
        for (JsonElement element : SECTION.getAsJsonArray("lengths")) {
            JsonObject vector = element.getAsJsonObject();
            if (vector.get("length").getAsInt() > 0) {
                batch.append(ByteBuffer.wrap(Vectors.hex(blocks.get((int) batch.length()))));
            }
            List<Long> roots = new ArrayList<>();
            batch.roots().forEach(root -> roots.add(root.index()));
            assertThat(batch.length()).isEqualTo(Vectors.longOf(vector, "length"));
            assertThat(batch.byteLength()).isEqualTo(Vectors.longOf(vector, "byteLength"));
            assertThat(roots).isEqualTo(Vectors.longs(vector.get("roots")));
            assertThat(batch.treeHash()).hasToString(vector.get("treeHash").getAsString());
            assertThat(TreeHead.of(0, batch.roots(), null).treeHash()).isEqualTo(batch.treeHash());
            TALLY.pass();
        }
    }

    @Test
    void everyNodeHasTheSizeHashAndOffsetOfTheVectors() {
        ByteOffsets offsets = new ByteOffsets(LOG, LOG.head, 0);
        JsonArray nodes = SECTION.getAsJsonArray("nodes");
        assertThat(LOG.nodes).hasSize(nodes.size());
        for (JsonElement element : nodes) {
            TreeNode node = Vectors.node(element);
            assertThat(LOG.node(node.index())).isEqualTo(node);
            assertThat(offsets.offset(node.index()))
                    .isEqualTo(element.getAsJsonArray().get(3).getAsLong());
            TALLY.pass();
        }
    }

    @Test
    void seeksFindTheBlocksOfTheVectors() {
        ByteOffsets offsets = new ByteOffsets(LOG, LOG.head, 0);
        for (JsonElement element : SECTION.getAsJsonArray("seeks")) {
            JsonArray pair = element.getAsJsonArray();
            ByteOffsets.Position found = offsets.seek(pair.get(0).getAsLong());
            if (pair.get(1).isJsonNull()) {
                assertThat(found).isNull();
            } else {
                List<Long> expected = Vectors.longs(pair.get(1));
                assertThat(found).isEqualTo(new ByteOffsets.Position(2 * expected.get(0), expected.get(1)));
                assertThat(found.firstBlock()).isEqualTo(expected.get(0));
            }
            TALLY.pass();
        }
    }
}
