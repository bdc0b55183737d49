package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code espalier log export}. */
@Command(
        name = "export",
        description = {
            "Write what is held of a log to one portable file, with its signed head and without any key pair.",
            "A file of this name is replaced."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier log export events events.log", "  espalier log import events.log --storage other"})
final class LogExportCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LOG", description = "Name, key or link.")
    String log = "";

    @Parameters(index = "1", paramLabel = "FILE", description = "Where to write it.")
    Path file = Path.of("");

    LogExportCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<Logs.Carried> operation(Workspace work) {
        return Logs.of(work.store()).exportTo(LogRef.parse(log), work.resolve(file));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            LogImportCommand.carried(data, lines);
        }
    }
}
