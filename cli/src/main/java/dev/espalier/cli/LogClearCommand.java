package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import dev.espalier.release.SizeText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code espalier log clear}. */
@Command(
        name = "clear",
        description = {
            "Give up the data of blocks START to END - 1 here. Length and hashes stay.",
            "Peers can bring them again; where no peer holds them, they are lost. Only whole pages of 4 KiB are given"
                    + " back to the file system."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier log clear KEY 0 1000", "  espalier log clear events 17 18 --json"})
final class LogClearCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LOG", description = "Name, key or link.")
    String log = "";

    @Parameters(index = "1", paramLabel = "START", description = "First block.")
    long start;

    @Parameters(index = "2", paramLabel = "END", description = "Block after the last; cut at the length.")
    long end;

    LogClearCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<Logs.Cleared> operation(Workspace work) {
        return Logs.of(work.store()).clear(LogRef.parse(log), start, end);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.say(
                    "cleared %s, %s freed",
                    Lines.count(Lines.number(data, "blocks"), "block"), SizeText.of(Lines.number(data, "freedBytes")));
        }
    }
}
