package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import dev.espalier.merkle.EspalierException;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

class DrivePathTest {

    @Example
    void pathsAreThoseOfHyperdrive() {
        JsonArray cases = Vectors.DRIVE.getAsJsonArray("paths");
        for (JsonElement each : cases) {
            JsonArray one = each.getAsJsonArray();
            String path = one.get(0).getAsString();
            if (one.get(1).isJsonNull()) {
                assertThatThrownBy(() -> DrivePath.normalize(path))
                        .as(path)
                        .isInstanceOf(EspalierException.class)
                        .hasMessageContaining(one.get(2).getAsString())
                        .extracting(e -> ((EspalierException) e).code())
                        .isEqualTo("ERR_INVALID_INPUT");
            } else {
                assertThat(DrivePath.normalize(path)).isEqualTo(one.get(1).getAsString());
            }
        }
        Vectors.passed("paths", cases.size());
    }

    @Property
    void normalizingTwiceChangesNothing(
            @ForAll
                    @StringLength(max = 20)
                    @Chars({'/', '\\', '.', ':', 'a', 'é', '\0'})
                    @CharRange(from = 'a', to = 'c')
                    String path) {
        String once;
        try {
            once = DrivePath.normalize(path);
        } catch (EspalierException e) {
            return;
        }
        assertThat(DrivePath.normalize(once)).isEqualTo(once);
        assertThat(once).startsWith("/").doesNotContain("//", "/../", "/./", "\\");
    }

    @Example
    void linksResolveFromTheirOwnPathAsInJavaScript() {
        assertThat(DrivePath.resolve("/x/l", "a")).isEqualTo("/x/l/a");
        assertThat(DrivePath.resolve("/x/l", "../a")).isEqualTo("/x/a");
        assertThat(DrivePath.resolve("/x/l", "/a")).isEqualTo("/a");
        assertThatThrownBy(() -> DrivePath.resolve("/l", "../../a")).isInstanceOf(EspalierException.class);
    }

    @Example
    void halfASurrogatePairBecomesTheReplacementCharacter() {
        assertThat(Vectors.hex(DrivePath.utf8("a\ud800b"))).isEqualTo("61efbfbd62");
        assertThat(Vectors.hex(DrivePath.utf8("\udc00"))).isEqualTo("efbfbd");
        assertThat(Vectors.hex(DrivePath.utf8("\ud83d\ude00"))).isEqualTo("f09f9880");
    }
}
