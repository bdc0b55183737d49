package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code espalier versions}. */
@Command(
        name = "versions",
        description = "Tell the versions of this command, of what runs it and of what it is made of.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier versions", "  espalier versions -m --json"})
final class VersionsCommand extends OperationCommand {

    @Option(
            names = {"-m", "--modules"},
            description = "Its own modules, too.")
    boolean modules;

    VersionsCommand(Runner runner) {
        super(runner);
    }

    /**
     * By name.
     *
     * @param platform this command
     * @param runtimes what runs it
     * @param libraries what it is made of
     * @param modules its own parts; null when they were not asked for
     */
    record Versions(
            String platform,
            Map<String, String> runtimes,
            Map<String, String> libraries,
            @Nullable Map<String, String> modules) {}

    @Override
    StoreUse storeUse() {
        return StoreUse.NONE;
    }

    @Override
    Operation<Versions> operation(Workspace work) {
        return Operation.of(steps -> new Versions(
                VersionCommand.version(),
                new TreeMap<>(Map.of(
                        "java",
                        System.getProperty("java.version", ""),
                        "vm",
                        System.getProperty("java.vm.name", "") + " " + System.getProperty("java.vm.version", ""))),
                known("library."),
                modules ? known("module.") : null));
    }

    /** What the build wrote down. */
    private static Map<String, String> known(String prefix) {
        Properties properties = new Properties();
        try (InputStream in = VersionsCommand.class.getResourceAsStream("versions.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.stringPropertyNames().stream()
                .filter(name -> name.startsWith(prefix))
                .collect(Collectors.toMap(
                        name -> name.substring(prefix.length()), properties::getProperty, (a, b) -> a, TreeMap::new));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (!tag.equals("final")) {
            return;
        }
        lines.field("espalier", Lines.text(data, "platform"));
        for (String part : new String[] {"runtimes", "libraries", "modules"}) {
            if (!data.get(part).isJsonNull()) {
                data.getAsJsonObject(part)
                        .entrySet()
                        .forEach(one -> lines.field(one.getKey(), one.getValue().getAsString()));
            }
        }
    }
}
