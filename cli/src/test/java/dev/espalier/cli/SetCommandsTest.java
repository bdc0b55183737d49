package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SetCommandsTest {

    private static final String KEY = "q9sopzoqgas9usoiq7uzkkwngm5pzj4zo3n4esjwwbmw6offis8o";
    private static final String MANIFEST =
            "{\n\t\"name\" : \"x, \\\"y\\\" }\",\n\t\"version\":\"1.2.3\" ,\n\t\"pear\": {\"version\": [1, {}]}\n}\n";

    @TempDir
    Path folder;

    private Shell shell;
    private Golden golden;
    private Path file;

    @BeforeEach
    void makeProject() throws Exception {
        shell = new Shell(folder);
        golden = new Golden(folder);
        file = folder.resolve("package.json");
        Files.writeString(file, MANIFEST);
        Files.createDirectories(folder.resolve("lib/deep"));
    }

    private void type(String... typed) {
        golden.note(shell.run(typed), typed);
    }

    @Test
    void oneFieldIsChangedAndNothingElse() throws Exception {
        type("set", "version", "minor");
        assertThat(file).hasContent(MANIFEST.replace("1.2.3", "1.3.0"));
        type("set", "version", "2.0.0-rc.1", "lib/deep");
        type("set", "version", "prerelease", "--json");
        type("set", "upgrade", "pear://" + KEY);
        assertThat(Files.readString(file))
                .isEqualTo(MANIFEST.replace("1.2.3", "2.0.0-rc.2")
                        .replace("[1, {}]}", "[1, {}]},\n\t\"upgrade\": \"pear://" + KEY + "\""));
        type("set", "upgrade", "pear://0.7." + KEY, "--json");
        type("set", "version", "1.2");
        type("set", "version", "v1.2.3", "--json");
        type("set", "upgrade", "pear://nonsense");
        type("set", "upgrade", KEY);
        type("set", "upgrade", "pear://nonsense", "--json");
        golden.check("set");
        assertThat(folder.resolve("store")).doesNotExist();
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void fieldsAreAddedToWhatHasNone() throws Exception {
        Files.writeString(file, "{}");
        assertThat(shell.run("set", "version", "patch", "--json").code()).isEqualTo("ERR_INVALID_MANIFEST");
        assertThat(shell.run("set", "version", "1.0.0").out()).isEqualTo("version 1.0.0\n");
        assertThat(file).hasContent("{\"version\": \"1.0.0\"}");
        assertThat(shell.run("set", "upgrade", "pear://" + KEY).status()).isZero();
        assertThat(file).hasContent("{\"version\": \"1.0.0\",\"upgrade\": \"pear://" + KEY + "\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"a\"}",
                "{\"a\":",
                "{\"a\":\"",
                "{a: 1}",
                "{'a': 1}",
                "{\"version\": \"1.0.0\", \"version\": \"2.0.0\"}",
                "{\"version\": \"1.0.0\"} x"
            })
    void whatIsNoJsonIsLeftAsItIs(String text) throws Exception {
        Files.writeString(file, text);
        assertThat(shell.run("set", "version", "3.0.0", "--json").code()).isEqualTo("ERR_INVALID_MANIFEST");
        assertThat(Files.readString(file)).isEqualTo(text);
    }

    @Test
    void withoutAProjectItIsSaidSo() throws Exception {
        Files.delete(file);
        assertThat(shell.run("set", "version", "1.0.0", "--json").code()).isEqualTo("ERR_INVALID_PROJECT_DIR");
    }
}
