package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LogCheck;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier log audit}. */
@Command(
        name = "audit",
        description = {
            "Hash every stored block and node again and compare with the signed head; changes nothing unless told to.",
            "With --repair, hashes that follow from others are written again; what cannot be mended counts as missing"
                    + " afterwards, and a fetch brings it again. Keep a copy first if nobody else has the log."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier log audit events",
            "  espalier log audit KEY --json",
            "  espalier log audit KEY --repair",
            "  espalier log fetch KEY --peer HOST:4000"
        })
final class LogAuditCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LOG", description = "Name, key or link.")
    String log = "";

    @Option(names = "--repair", description = "Mend what is bad, or have it fetched again.")
    boolean repair;

    LogAuditCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<LogCheck.Result> operation(Workspace work) {
        return Logs.of(work.store()).audit(LogRef.parse(log), repair);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("bad")) {
            lines.say("bad %s %d: %s", Lines.text(data, "kind"), Lines.number(data, "index"), Lines.text(data, "why"));
        } else if (tag.equals("final")) {
            if (data.get("repaired").isJsonObject()) {
                repaired(data.getAsJsonObject("repaired"), lines);
            }
            lines.say(
                    "%s and %s hold what was signed",
                    Lines.count(Lines.number(data, "blocks"), "block"),
                    Lines.count(Lines.number(data, "nodes"), "node"));
        }
    }

    private void repaired(JsonObject done, Lines lines) {
        lines.say(
                "restored %s, took away %s",
                Lines.count(Lines.number(done, "nodesRestored"), "node"),
                Lines.count(Lines.number(done, "nodesRemoved"), "node"));
        long missing = Lines.number(done, "blocksMissing");
        if (missing > 0) {
            lines.say("%s to be fetched again: espalier log fetch KEY --peer HOST:PORT", Lines.count(missing, "block"));
        }
    }
}
