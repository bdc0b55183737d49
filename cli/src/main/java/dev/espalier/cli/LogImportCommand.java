package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code espalier log import}. */
@Command(
        name = "import",
        description = {
            "Add a log from a file that log export wrote. Everything in it is verified; what does not hold is not added.",
            "A log that comes this way takes no appends before espalier recover, even where its key pair is."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier log import events.log", "  espalier log import events.log --storage other"})
final class LogImportCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "FILE", description = "The file.")
    Path file = Path.of("");

    LogImportCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.ANY;
    }

    @Override
    Operation<Logs.Carried> operation(Workspace work) {
        return Logs.of(work.store()).importFrom(work.resolve(file));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            carried(data, lines);
        }
    }

    static void carried(JsonObject data, Lines lines) {
        lines.field("key", Lines.text(data, "key"));
        lines.field(
                "length", Lines.count(Lines.number(data, "length"), "block") + ", fork " + Lines.number(data, "fork"));
        lines.field("in the file", Lines.count(Lines.number(data, "blocks"), "block"));
    }
}
