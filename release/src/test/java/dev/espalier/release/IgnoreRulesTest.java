package dev.espalier.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IgnoreRulesTest {

    @TempDir
    Path folder;

    @BeforeEach
    void fill() throws IOException {
        for (String file : List.of(
                "a.js",
                "a.css",
                "b/a.js",
                "b/c/d.js",
                "b/c/keep.js",
                "node_modules/x/index.js",
                "node_modules/y/index.js",
                ".github/workflow",
                "build-1/out",
                "build/out")) {
            Path path = folder.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, "x");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Paths: themselves and below, slashes around them do not matter.
                "node_modules       | /node_modules/x/index.js | true",
                "/node_modules/     | /node_modules            | true",
                "node_modules       | /node_modules2           | false",
                "b/c                | /b/c/d.js                | true",
                "b/c                | /b/a.js                  | false",
                "a                  | /a.js                    | false",
                // Nothing is ignored that nobody named, dot folders included.
                "''                 | /.github/workflow        | false",
                ".github            | /.github/workflow        | true",
                // One star: one or more characters, no slash, from the root.
                "*.js               | /a.js                    | true",
                "*.js               | /b/a.js                  | false",
                "*/a.js             | /b/a.js                  | true",
                "b/*                | /b/c/d.js                | true",
                "a*                 | /a.css                   | true",
                "build*             | /build-1/out             | true",
                "build*             | /build/out               | false",
                // Two stars: anything, but a file at the root has no slash before it.
                "**/*.js            | /b/c/d.js                | true",
                "**/*.js            | /a.js                    | false",
                "**.js              | /a.js                    | true",
                "b/**               | /b/c/d.js                | true",
                // Dots are dots.
                "a.*                | /a.js                    | true",
                "a.c*               | /a.js                    | false",
                // What is not on disk is not meant by a pattern, but by a path.
                "*.gone             | /x.gone                  | false",
                "x.gone             | /x.gone                  | true",
            })
    void items(String item, String path, boolean ignored) throws IOException {
        assertThat(IgnoreRules.of(folder, List.of(item)).test(path)).isEqualTo(ignored);
    }

    @Test
    void anExceptionWinsAndTakesBackItsParents() throws IOException {
        IgnoreRules rules = IgnoreRules.of(folder, List.of("!node_modules/x", "node_modules", "b", "!b/c/keep.js"));
        assertThat(rules.test("/node_modules")).isFalse();
        assertThat(rules.test("/node_modules/x")).isFalse();
        assertThat(rules.test("/node_modules/x/index.js")).isFalse();
        assertThat(rules.test("/node_modules/y")).isTrue();
        assertThat(rules.test("/b")).isFalse();
        assertThat(rules.test("/b/c")).isFalse();
        assertThat(rules.test("/b/c/keep.js")).isFalse();
        assertThat(rules.test("/b/c/d.js")).isTrue();
        assertThat(rules.test("/b/a.js")).isTrue();
    }

    @Test
    void anExceptionMayBeAPattern() throws IOException {
        IgnoreRules rules = IgnoreRules.of(folder, List.of("b", "!b/**/keep*"));
        assertThat(rules.test("/b/c")).isFalse();
        assertThat(rules.test("/b/c/keep.js")).isFalse();
        assertThat(rules.test("/b/c/d.js")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a?.js", "[ab].js", "{a,b}.js", "(a)", "!x{y}"})
    void marksThatNeverWorkedAreRefused(String item) {
        assertThatThrownBy(() -> IgnoreRules.of(folder, List.of(item)))
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_INVALID_INPUT"));
    }
}
