package dev.espalier.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.release.Diagnosis;
import dev.espalier.release.Doctor;
import dev.espalier.release.Event;
import dev.espalier.release.Finding;
import dev.espalier.release.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier doctor}. */
@Command(
        name = "doctor",
        description = {
            "Look at an application's folder, and at the deployment folder made of it, before anything is shipped.",
            "Changes nothing and asks nobody. Exit status 1 when something stands in the way, 0 when there are only"
                    + " warnings. docs/diagnosis.md explains each finding."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier doctor",
            "  espalier doctor ./app --build ./app-1.2.0 --previous ./app-1.1.0",
            "  espalier doctor ./app --line staging --json"
        })
final class DoctorCommand extends OperationCommand {

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "DIR",
            description = "A folder in the project, or a deployment folder. Default: this one.")
    Path dir = Path.of("");

    @Option(names = "--build", paramLabel = "DIR", description = "The deployment folder: package.json and by-arch.")
    @Nullable
    Path build;

    @Option(
            names = "--previous",
            paramLabel = "DIR",
            description = "The deployment folder of the version before, to compare sizes, publisher and version with.")
    @Nullable
    Path previous;

    @Option(
            names = "--line",
            paramLabel = "NAME",
            description = "The line of release that the build is for. Default: told from the upgrade link.")
    @Nullable
    String line;

    private final Terminal terminal;

    /** Warnings that were told before the operation began. */
    private int told;

    DoctorCommand(Runner runner, Terminal terminal) {
        super(runner);
        this.terminal = terminal;
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.IF_THERE;
    }

    /** Artefacts are made with the variables of this terminal, not with those of whoever holds the store. */
    @Override
    void prepare(Consumer<Event> tell) throws IOException {
        for (Finding finding : Doctor.signing(terminal.resolve(dir), terminal.environment())) {
            tell.accept(finding);
            told++;
        }
    }

    @Override
    Operation<Diagnosis> operation(Workspace work) {
        return Doctor.of(
                work.openStore(),
                new Doctor.Options(work.resolve(dir), resolve(work, build), resolve(work, previous), line));
    }

    private static @Nullable Path resolve(Workspace work, @Nullable Path path) {
        return path == null ? null : work.resolve(path);
    }

    @Override
    JsonObject conclude(JsonObject result) {
        result.addProperty("warnings", Lines.number(result, "warnings") + told);
        return FindingLines.conclude(result);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "examining" -> examining(data, lines);
            case "finding" -> FindingLines.show(data, lines);
            case "final" -> FindingLines.ended(data, lines);
            default -> {
                // The rest is for scripts.
            }
        }
    }

    private static void examining(JsonObject data, Lines lines) {
        lines.say("Examining %s in %s", Lines.text(data, "name"), Lines.text(data, "dir"));
        if (!Lines.text(data, "build").isEmpty()) {
            lines.field("build", Lines.text(data, "build"));
        }
        for (String field : List.of("version", "upgrade")) {
            if (!Lines.text(data, field).isEmpty()) {
                lines.field(field, Lines.text(data, field));
            }
        }
        String names = StreamSupport.stream(data.getAsJsonArray("lines").spliterator(), false)
                .map(JsonElement::getAsString)
                .collect(Collectors.joining(", "));
        if (!names.isEmpty()) {
            lines.field("builds of", names);
        }
    }
}
