package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import picocli.CommandLine.Command;

/** {@code espalier log list}. */
@Command(
        name = "list",
        description = "List the logs of the store.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier log list", "  espalier log list --json"})
final class LogListCommand extends OperationCommand {

    LogListCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<Logs.Count> operation(Workspace work) {
        return Logs.of(work.store()).list();
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("log")) {
            lines.say(
                    "%s  %s  length %d, %d bytes",
                    Lines.text(data, "key"),
                    data.get("writable").getAsBoolean() ? "own  " : "other",
                    Lines.number(data, "length"),
                    Lines.number(data, "byteLength"));
        }
    }
}
