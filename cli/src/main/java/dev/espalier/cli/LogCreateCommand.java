package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code espalier log create}. */
@Command(
        name = "create",
        description = "Make the own log of a name, or find it.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier log create events", "  espalier log create events --json"})
final class LogCreateCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the log in this store.")
    String name = "";

    LogCreateCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.ANY;
    }

    @Override
    Operation<Logs.Created> operation(Workspace work) {
        return Logs.of(work.store()).create(LogRef.named(name));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.field("key", Lines.text(data, "key"));
            lines.field("discovery key", Lines.text(data, "discoveryKey"));
            lines.field("length", Lines.number(data, "length"));
        }
    }
}
