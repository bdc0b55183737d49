package dev.espalier.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The promise to scripts: every line of {@code --json} is as {@code docs/schemas} says. {@link Shell} holds every line to it
 * that a command prints in a test; a command or a tag without a schema fails.
 */
final class Schemas {

    /** Where they are: one file for each command, named like it. */
    static final Path FOLDER = Path.of("..", "docs", "schemas").toAbsolutePath().normalize();

    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(Schemas::read));
    private static final Map<Path, Schema> KNOWN = new ConcurrentHashMap<>();

    private Schemas() {}

    /** The file of a command; {@code log append} has {@code log-append.json}. */
    static Path file(String command) {
        return FOLDER.resolve(command.replace(' ', '-') + ".json");
    }

    /** Fails when the line is not as the schema of its command says. */
    static void check(String line) {
        JsonObject json = JsonParser.parseString(line).getAsJsonObject();
        Path own = file(json.get("cmd").getAsString());
        // A mistake may have been made before it was clear which command was meant.
        Path file = Files.exists(own) ? own : file("espalier");
        List<Error> errors = KNOWN.computeIfAbsent(file, Schemas::load).validate(line, InputFormat.JSON);
        if (!errors.isEmpty()) {
            throw new AssertionError(file.getFileName() + " does not allow the line\n" + line + explain(errors));
        }
    }

    /** What is wrong with it as the event that its tag says, not as any other. */
    private static String explain(List<Error> errors) {
        Set<String> others = errors.stream()
                .filter(error -> error.getInstanceLocation().toString().equals("/tag"))
                .map(Schemas::branch)
                .collect(Collectors.toSet());
        List<String> own = errors.stream()
                .filter(error ->
                        !others.contains(branch(error)) && !error.getKeyword().equals("oneOf"))
                .map(error -> "\n  " + error.getInstanceLocation() + ": " + error.getMessage())
                .toList();
        return own.isEmpty() ? "\n  it has no such tag" : String.join("", own);
    }

    /** The part of the schema for one event. */
    private static String branch(Error error) {
        String path = error.getEvaluationPath().toString();
        int end = path.indexOf("/properties/");
        return end < 0 ? path : path.substring(0, end);
    }

    private static Schema load(Path file) {
        return REGISTRY.getSchema(SchemaLocation.of(file.toUri().toString()));
    }

    private static String read(String location) {
        try {
            return Files.readString(Path.of(URI.create(location)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
