package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LogCheck;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code espalier log audit}. */
@Command(
        name = "audit",
        description = "Hash every stored block and node again and compare with the signed head; changes nothing.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier log audit events", "  espalier log audit KEY --json"})
final class LogAuditCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LOG", description = "Name, key or link.")
    String log = "";

    LogAuditCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<LogCheck.Result> operation(Workspace work) {
        return Logs.of(work.store()).audit(LogRef.parse(log));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("bad")) {
            lines.say("bad %s %d: %s", Lines.text(data, "kind"), Lines.number(data, "index"), Lines.text(data, "why"));
        } else if (tag.equals("final")) {
            lines.say(
                    "%s and %s hold what was signed",
                    Lines.count(Lines.number(data, "blocks"), "block"),
                    Lines.count(Lines.number(data, "nodes"), "node"));
        }
    }
}
