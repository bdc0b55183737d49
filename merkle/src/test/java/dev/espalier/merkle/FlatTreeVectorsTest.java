package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class FlatTreeVectorsTest {

    private static final JsonObject SECTION = Vectors.object("flatTree");
    private static final Vectors.Tally TALLY = new Vectors.Tally("flatTree");

    @AfterAll
    static void say() {
        TALLY.print();
    }

    @Test
    void relationsOfNodesAreThoseOfTheTable() {
        assertThat(SECTION.getAsJsonArray("columns").toString())
                .isEqualTo(
                        "[\"index\",\"depth\",\"offset\",\"parent\",\"sibling\",\"leftSpan\",\"rightSpan\",\"leafCount\"]");
        for (JsonElement element : SECTION.getAsJsonArray("table")) {
            List<Long> row = Vectors.longs(element);
            long index = row.get(0);
            assertThat(List.of(
                            (long) FlatTree.depth(index),
                            FlatTree.offset(index),
                            FlatTree.parent(index),
                            FlatTree.sibling(index),
                            FlatTree.leftSpan(index),
                            FlatTree.rightSpan(index),
                            FlatTree.leafCount(index)))
                    .as("node " + index)
                    .isEqualTo(row.subList(1, 8));
            TALLY.pass();
        }
    }

    @Test
    void rootsAreThoseOfTheVectors() {
        JsonArray byLength = SECTION.getAsJsonArray("rootsByLength");
        for (int length = 0; length < byLength.size(); length++) {
            assertRoots(length, byLength.get(length));
        }
        for (JsonElement element : SECTION.getAsJsonArray("rootsOfLargeLengths")) {
            JsonArray pair = element.getAsJsonArray();
            assertRoots(pair.get(0).getAsLong(), pair.get(1));
        }
    }

    private static void assertRoots(long length, JsonElement expected) {
        assertThat(FlatTree.roots(length))
                .as("length " + length)
                .isEqualTo(Vectors.longs(expected).stream()
                        .mapToLong(Long::longValue)
                        .toArray());
        assertThat(FlatTree.rootCount(length))
                .isEqualTo(expected.getAsJsonArray().size());
        TALLY.pass();
    }
}
