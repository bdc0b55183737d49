package dev.espalier.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of {@code docs/errors.md} and the codes in the sources are the same. */
class ErrorTableTest {

    private static final Path ROOT =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath().getParent();

    /** A text of upper case words joined by underscores is a code, unless it names a variable or a type of somebody else. */
    private static final Pattern CODE = Pattern.compile("\"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\"");

    private static final Pattern OTHER_NAMES = Pattern.compile(
            "ESPALIER_.*|HYPERCORE_SIGN_.*|NO_COLOR|XDG_.*|JAVA_.*|MAC_CODESIGN_.*|APPLE_.*|WINDOWS_CERTIFICATE_.*");

    private static final Pattern ROW = Pattern.compile("^\\| `([A-Z0-9_]+)` \\|", Pattern.MULTILINE);

    @Test
    void everyCodeInTheSourcesIsInTheTableAndNoOther() throws IOException {
        Set<String> used = new TreeSet<>();
        for (Path folder : sourceFolders()) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    used.addAll(all(CODE, Files.readString(file)));
                }
            }
        }
        used.removeIf(OTHER_NAMES.asMatchPredicate());
        assertThat(all(ROW, Files.readString(ROOT.resolve("docs/errors.md")))).isEqualTo(used);
    }

    private static List<Path> sourceFolders() throws IOException {
        try (Stream<Path> modules = Files.list(ROOT)) {
            return modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .toList();
        }
    }

    private static Set<String> all(Pattern pattern, String text) {
        Set<String> found = new TreeSet<>();
        for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
            found.add(matcher.group(1));
        }
        return found;
    }
}
