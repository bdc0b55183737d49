package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.LogStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SideBySideTest {

    @TempDir
    Path temp;

    private static List<Entry> entries(String... paths) {
        return Stream.of(paths)
                .map(path -> new Entry(0, path, false, null, null, null))
                .toList();
    }

    private static List<String> told(SideBySide pairs) {
        List<String> told = new ArrayList<>();
        for (SideBySide.Pair pair = pairs.next(); pair != null; pair = pairs.next()) {
            told.add((pair.left() == null ? "-" : pair.left().path()) + " "
                    + (pair.right() == null ? "-" : pair.right().path()));
        }
        return told;
    }

    @Test
    void equalPathsComeTogetherAlsoOutOfOrder() {
        try (LogStore store = Stores.open(temp);
                Drive right = Drive.open(store, "right")) {
            for (String path : List.of("/b", "/d", "/e/x", "/z")) {
                right.put(path, new byte[0]);
            }
            List<Entry> left = entries("/a", "/b", "/e.txt", "/e/x", "/d", "/y");
            assertThat(told(new SideBySide(left, right.list("/"), right)))
                    .containsExactly("/a -", "/b /b", "- /d", "/e.txt -", "/e/x /e/x", "/d /d", "/y -", "- /z");
            assertThat(told(new SideBySide(List.of(), right.list("/b"), right))).isEmpty();
        }
    }

    @Property(tries = 2000)
    void pathsCompareAsTheirBytes(@ForAll("names") String a, @ForAll("names") String b) {
        int bytes = java.util.Arrays.compareUnsigned(DrivePath.utf8(a), DrivePath.utf8(b));
        assertThat(Integer.signum(DrivePath.compare(a, b))).isEqualTo(Integer.signum(bytes));
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.of("a", "/", "0", "\u00e9", "\uffff", "\ue000", "\ud83c\udf50", "\ud800\udc00", "~")
                .list()
                .ofMaxSize(5)
                .map(parts -> String.join("", parts));
    }
}
