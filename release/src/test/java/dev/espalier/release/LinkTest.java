package dev.espalier.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LinkTest {

    private static final String KEY = "qxenz5wmspmryjc13m9yzsqj1conqotn8fb4ocbufwtz9mtbqq5o";

    /** What JavaScript takes and Espalier refuses: numbers that are not plain decimal, a port, a user. */
    private static final Set<String> REFUSED_HERE = Set.of(
            "pear://.." + KEY,
            "pear://.5." + KEY,
            "pear://-1.5." + KEY,
            "pear://0x10.1e3." + KEY,
            "pear://" + KEY + ":80/x",
            "pear://u@" + KEY);

    @TestFactory
    Stream<DynamicTest> parsesEveryLinkOfTheVectors() {
        return Vectors.list("links", "parse").map(v -> {
            String input = v.get("input").getAsString();
            return DynamicTest.dynamicTest("\"" + input + "\"", () -> checkParse(input, v));
        });
    }

    private static void checkParse(String input, JsonObject vector) {
        if (!vector.get("ok").getAsBoolean()) {
            String message = vector.getAsJsonObject("error").get("message").getAsString();
            assertInvalid(input).hasMessage(message);
        } else if (REFUSED_HERE.contains(input)) {
            assertInvalid(input);
        } else {
            Link link = Link.parse(input);
            JsonObject expected = vector.getAsJsonObject("result");
            assertThat(link.path()).isEqualTo(expected.get("pathname").getAsString());
            assertThat(link.search()).isEqualTo(expected.get("search").getAsString());
            assertThat(link.fragment()).isEqualTo(expected.get("hash").getAsString());
            assertThat(link.origin()).isEqualTo(expected.get("origin").getAsString());
            checkDrive(link.drive(), expected.getAsJsonObject("drive"));
            assertThat(link).hasToString(vector.get("again").getAsString());
            assertThat(Link.parse(link.toString()).drive()).isEqualTo(link.drive());
        }
    }

    private static void checkDrive(Link.@Nullable DrivePart drive, JsonObject expected) {
        if (expected.get("key").isJsonNull()) {
            assertThat(drive).isNull();
            return;
        }
        assertThat(drive).isNotNull();
        assertThat(drive.key().hex()).isEqualTo(expected.get("key").getAsString());
        Link.Version version = expected.get("length").isJsonNull()
                ? null
                : new Link.Version(
                        expected.get("fork").getAsLong(), expected.get("length").getAsLong());
        assertThat(drive.version()).isEqualTo(version);
        JsonElement hash = expected.get("hash");
        assertThat(drive.treeHash()).isEqualTo(hash.isJsonNull() ? null : Hash.fromHex(hash.getAsString()));
    }

    @TestFactory
    Stream<DynamicTest> writesEveryLinkOfTheVectors() {
        return Vectors.list("links", "serialize")
                .map(v -> DynamicTest.dynamicTest(Json.line(v.get("input")), () -> checkWritten(v)));
    }

    private static void checkWritten(JsonObject vector) {
        JsonElement input = vector.get("input");
        if (input.isJsonPrimitive()) {
            String text = input.getAsString();
            Key key = Key.parse(text);
            assertThat(Link.of(key)).hasToString(vector.get("link").getAsString());
            return;
        }
        JsonObject parts = input.getAsJsonObject();
        String protocol = parts.has("protocol") ? parts.get("protocol").getAsString() : "pear:";
        if (protocol.equals("http:")) {
            assertInvalid("http://" + parts.get("pathname").getAsString()).hasMessage("Protocol is not supported");
            return;
        }
        if (protocol.equals("file:")) {
            assertThat(Link.parse(parts.get("pathname").getAsString()))
                    .hasToString(vector.get("link").getAsString());
            return;
        }
        JsonObject drive = parts.getAsJsonObject("drive");
        String keyText = drive.get("key").getAsString();
        if (!vector.get("ok").getAsBoolean()) {
            assertThatThrownBy(() -> Key.parse(keyText)).isInstanceOf(EspalierException.class);
            return;
        }
        if (drive.has("length") && !drive.has("fork")) {
            // JavaScript writes what nobody can read; here fork and length are one thing.
            assertInvalid(vector.get("link").getAsString()).hasMessage("Incorrect hostname");
            return;
        }
        assertThat(written(parts, drive, Key.parse(keyText)))
                .hasToString(vector.get("link").getAsString());
    }

    private static Link written(JsonObject parts, JsonObject drive, Key key) {
        Link link = Link.of(key);
        if (drive.has("hash")) {
            Hash hash = Hash.of(Key.parse(drive.get("hash").getAsString()).bytes());
            link = Link.of(
                    key, drive.get("fork").getAsLong(), drive.get("length").getAsLong(), hash);
        } else if (drive.has("length")) {
            link = Link.of(
                    key, drive.get("fork").getAsLong(), drive.get("length").getAsLong());
        }
        if (!parts.has("pathname")) {
            return link;
        }
        return new Link(
                link.drive(),
                parts.get("pathname").getAsString(),
                parts.get("search").getAsString(),
                parts.get("hash").getAsString(),
                link.origin());
    }

    @TestFactory
    Stream<DynamicTest> normalizesEveryLinkOfTheVectors() {
        return Vectors.list("links", "normalize")
                .map(v -> DynamicTest.dynamicTest(
                        v.get("input").getAsString(),
                        () -> assertThat(Link.normalize(v.get("input").getAsString()))
                                .isEqualTo(v.get("link").getAsString())));
    }

    @TestFactory
    Stream<DynamicTest> readsEveryIdOfTheVectors() {
        return Vectors.list("ids").map(v -> {
            String input = v.get("input").getAsString();
            return DynamicTest.dynamicTest("\"" + input + "\"", () -> {
                if (v.get("ok").getAsBoolean()) {
                    assertThat(Key.parse(input).hex()).isEqualTo(v.get("hex").getAsString());
                    assertThat(Key.parse(input)).hasToString(v.get("z32").getAsString());
                } else {
                    assertThatThrownBy(() -> Key.parse(input))
                            .isInstanceOfSatisfying(
                                    EspalierException.class,
                                    e -> assertThat(e.code()).isEqualTo("ERR_INVALID_LINK"));
                }
            });
        });
    }

    @Test
    void aVersionKeepsZeroes() {
        assertThat(Link.of(Key.parse(KEY), 0, 0)).hasToString("pear://0.0." + KEY);
    }

    @Test
    void aNumberAboveWhatJavaScriptCountsIsRefused() {
        assertThat(Link.parse("pear://0.9007199254740991." + KEY).isVersioned()).isTrue();
        assertInvalid("pear://0.9007199254740992." + KEY);
        assertInvalid("pear://0.99999999999999999999." + KEY);
    }

    @Test
    void aBareKeyIsToldHowToBeALink() {
        for (String text : List.of(KEY, "0.12." + KEY)) {
            assertThatThrownBy(() -> Link.parseDrive(text))
                    .isInstanceOf(EspalierException.class)
                    .hasMessageContaining("pear://" + text);
        }
    }

    @Test
    void aPathIsNoDrive() {
        for (String text : List.of("/tmp", "file:///tmp", "some/folder", "", "nonsense")) {
            assertThatThrownBy(() -> Link.parseDrive(text))
                    .isInstanceOfSatisfying(
                            EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_INVALID_LINK"));
        }
    }

    @Test
    void thePathOfALinkIsDecodedForTheDrive() {
        assertThat(Link.parse("pear://" + KEY + "/a%20b/%C3%BC%zz").decodedPath())
                .isEqualTo("/a b/ü%zz");
        assertThat(Link.parse("pear://" + KEY).decodedPath()).isEqualTo("/");
    }

    @Test
    void dotSegmentsAreResolvedAsInAUrl() {
        assertThat(Link.parse("pear://" + KEY + "/a/./b/../../c/..").path()).isEqualTo("/");
        assertThat(Link.parse("pear://" + KEY + "/a/%2e%2E/b").path()).isEqualTo("/b");
        assertThat(Link.parse("pear://" + KEY + "/../../x").path()).isEqualTo("/x");
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertInvalid(String text) {
        return assertThatThrownBy(() -> Link.parse(text))
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_INVALID_LINK"));
    }
}
