package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Backup;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import dev.espalier.release.SizeText;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code espalier backup}. */
@Command(
        name = "backup",
        description = {
            "Copy the store to a folder, as it is at this moment, while others work with it. The copy is a store.",
            "It holds the power to sign: never write with both. In the copy, own logs take no appends before espalier recover."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier backup /media/disk/espalier-2026-01-31",
            "  espalier log list --storage /media/disk/espalier-2026-01-31"
        })
final class BackupCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "DIR", description = "A folder that is not there yet, or is empty.")
    Path dir = Path.of("");

    BackupCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<Backup.Result> operation(Workspace work) {
        return Releases.of(work.store()).backup(work.resolve(dir));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("log")) {
            long length = Lines.number(data, "length");
            long blocks = Lines.number(data, "blocks");
            lines.say(
                    "%s  %s%s",
                    Lines.text(data, "key"),
                    blocks == length ? Lines.count(length, "block") : blocks + " of " + Lines.count(length, "block"),
                    data.get("held").getAsBoolean() ? "" : ", other");
        } else if (tag.equals("final")) {
            lines.say(
                    "copied %s, %s (%s) to %s",
                    Lines.count(Lines.number(data, "logs"), "log"),
                    Lines.count(Lines.number(data, "blocks"), "block"),
                    SizeText.of(Lines.number(data, "bytes")),
                    Lines.text(data, "dir"));
        }
    }
}
