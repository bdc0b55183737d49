package dev.espalier.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What README and docs show is true: Java is compiled code, console blocks are run, links lead somewhere. */
@Tag("exhaustive")
class ReadmeTest {

    private static final Path ROOT =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath().getParent();
    private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]+)(#[^)]*)?\\)|(?:src|srcset)=\"([^\"]+)\"");

    @Test
    void everyBlockIsOfAKindThatIsChecked() throws IOException {
        for (Path document : documents()) {
            for (FencedBlock block : FencedBlock.of(document)) {
                assertThat(block.language())
                        .as("%s:%s", document, block.line())
                        .isIn("", "java", "console", "sh", "xml");
            }
        }
    }

    @Test
    void everyJavaBlockIsARegionOfAnExample() throws IOException {
        List<Region> regions = Region.below(ROOT.resolve("examples/src/main/java"));
        int checked = 0;
        for (Path document : documents()) {
            for (FencedBlock block : blocks(document, "java")) {
                assertThat(regions)
                        .as("%s:%s", document, block.line())
                        .extracting(Region::text)
                        .contains(block.text());
                checked++;
            }
        }
        assertThat(checked).isPositive();
    }

    @TestFactory
    @DisabledOnOs(OS.WINDOWS)
    Stream<DynamicTest> everyConsoleBlockPrintsWhatItShows(@TempDir Path temporary) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path document : documents()) {
            List<FencedBlock> blocks = blocks(document, "console");
            if (!blocks.isEmpty()) {
                String name = ROOT.relativize(document).toString();
                Path folder = Files.createDirectories(temporary.resolve(name));
                tests.add(DynamicTest.dynamicTest(name, () -> {
                    try (ConsoleSession session = new ConsoleSession(folder)) {
                        for (FencedBlock block : blocks) {
                            session.run(name, block);
                        }
                    }
                }));
            }
        }
        assertThat(tests).extracting(DynamicTest::getDisplayName).contains("README.md");
        return tests.stream();
    }

    /** Commands that a test cannot run because they run the tests, or measure. */
    @Test
    void everyShellBlockHoldsKnownCommandsOnly() throws IOException {
        Set<String> known = Set.of(
                "./espalier demo",
                "mvn verify",
                "mvn -q package -DskipTests -pl bench -am",
                "java -jar bench/target/benchmarks.jar",
                "java -jar bench/target/benchmarks.jar AppendThroughput -p blockSize=65536 -f 1",
                "java -jar bench/target/benchmarks.jar GetLatency -prof gc",
                "java -Xmx256m -cp bench/target/benchmarks.jar dev.espalier.bench.StagingRounds FOLDER 20000 4096 4",
                "java -Xmx256m -cp bench/target/benchmarks.jar dev.espalier.bench.StagingRounds FOLDER 1 1073741824 3",
                "sh interop/install-peers",
                "bench/many-peers",
                "bench/replication");
        for (Path document : documents()) {
            for (FencedBlock block : blocks(document, "sh")) {
                assertThat(known).as("%s:%s", document, block.line()).containsAll(block.lines());
            }
        }
    }

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        int checked = 0;
        for (Path document : documents()) {
            Matcher links = LINK.matcher(Files.readString(document));
            while (links.find()) {
                String target = links.group(1) != null ? links.group(1) : links.group(3);
                if (!target.contains("://")) {
                    assertThat(document.resolveSibling(target))
                            .as("link in %s", document)
                            .exists();
                    checked++;
                }
            }
        }
        assertThat(checked).isPositive();
    }

    @Test
    void theTableOfJavaScriptVersionsIsThatOfTheLockedPackages() throws IOException {
        String json = Files.readString(ROOT.resolve("interop/package.json"));
        int start = json.indexOf("\"dependencies\"");
        String dependencies = json.substring(json.indexOf('{', start), json.indexOf('}', start));
        Map<String, String> locked = pairs(Pattern.compile("\"([^\"]+)\": \"([0-9.]+)\""), dependencies);
        Map<String, String> shown = pairs(
                Pattern.compile("^\\| `([^`]+)` \\| ([0-9.]+) \\|", Pattern.MULTILINE),
                Files.readString(ROOT.resolve("docs/interop.md")));
        assertThat(shown).isNotEmpty().isEqualTo(locked);
    }

    private static Map<String, String> pairs(Pattern pattern, String text) {
        return pattern.matcher(text).results().collect(Collectors.toMap(pair -> pair.group(1), pair -> pair.group(2)));
    }

    private static List<FencedBlock> blocks(Path document, String language) throws IOException {
        return FencedBlock.of(document).stream()
                .filter(block -> block.language().equals(language))
                .toList();
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(ROOT.resolve("README.md"), ROOT.resolve("bench/README.md")),
                            docs.filter(path -> path.toString().endsWith(".md")).sorted())
                    .toList();
        }
    }
}
