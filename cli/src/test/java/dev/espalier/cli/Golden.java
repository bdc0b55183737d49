package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Output of commands, compared with files in {@code golden}. What differs from run to run is masked: keys are numbered in
 * the order in which they appear, so that it still shows where the same key stands. {@code -Despalier.golden=write} writes
 * the files anew.
 */
final class Golden {

    private static final Pattern KEY =
            Pattern.compile("(?<![a-z0-9])[ybndrfg8ejkmcpqxot1uwisza345h769]{51}[yo](?![a-z0-9])");

    private final Path folder;
    private final Map<String, String> keys = new LinkedHashMap<>();
    private final StringBuilder text = new StringBuilder();

    /** For a test that works in {@code folder}. */
    Golden(Path folder) {
        this.folder = folder;
    }

    /** Notes what was typed and what came of it. */
    Golden note(Shell.Said said, String... typed) {
        text.append("$ espalier ").append(mask(String.join(" ", typed))).append('\n');
        said.out()
                .lines()
                .filter(line -> !line.contains("\"tag\":\"stats\"")) // as many as there is time for
                .forEach(line -> text.append(mask(line)).append('\n'));
        said.err().lines().forEach(line -> text.append("! ").append(mask(line)).append('\n'));
        text.append("= ").append(said.status()).append("\n\n");
        return this;
    }

    /** Compares all that was noted with the file of this name. */
    void check(String name) {
        String resource = "/golden/" + name + ".txt";
        if (System.getProperty("espalier.golden", "").equals("write")) {
            write(Path.of("src/test/resources" + resource));
        }
        try (InputStream in = Golden.class.getResourceAsStream(resource)) {
            assertThat(in).as("the file %s", resource).isNotNull();
            assertThat(text.toString()).isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            Path compiled = Path.of("target/test-classes/golden").resolve(file.getFileName());
            Files.createDirectories(compiled.getParent());
            Files.writeString(compiled, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String mask(String line) {
        String masked = KEY.matcher(line.replace(folder.toString(), "DIR"))
                .replaceAll(found -> Matcher.quoteReplacement(
                        keys.computeIfAbsent(found.group(), key -> "KEY" + (keys.size() + 1))));
        return masked.replaceAll("\"seconds\":[0-9.E-]+", "\"seconds\":S")
                .replaceAll("[0-9.]+ s(?![a-z])", "S s")
                .replaceAll("\"port\":[0-9]+", "\"port\":PORT")
                .replaceAll("127\\.0\\.0\\.1:[0-9]+", "127.0.0.1:PORT")
                .replaceAll("\"speed\":[0-9]+", "\"speed\":SPEED")
                .replaceAll("pid [0-9]+", "pid PID");
    }
}
