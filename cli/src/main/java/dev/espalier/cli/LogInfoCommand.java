package dev.espalier.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.release.LogInfo;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import dev.espalier.release.SizeText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code espalier log info}. */
@Command(
        name = "info",
        description = "Tell everything about a log of the store.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier log info events", "  espalier log info KEY --json"})
final class LogInfoCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LOG", description = "Name, key or link.")
    String log = "";

    LogInfoCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<LogInfo> operation(Workspace work) {
        return Logs.of(work.store()).info(LogRef.parse(log));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (!tag.equals("final")) {
            return;
        }
        lines.field("key", Lines.text(data, "key"));
        lines.field("discovery key", Lines.text(data, "discoveryKey"));
        lines.field(
                "length",
                Lines.count(Lines.number(data, "length"), "block") + ", " + Lines.number(data, "byteLength")
                        + " bytes, fork " + Lines.number(data, "fork"));
        lines.field("held", "the first " + Lines.count(Lines.number(data, "contiguousLength"), "block"));
        lines.field("tree hash", Lines.text(data, "treeHash"));
        boolean writable = data.get("writable").getAsBoolean();
        boolean restored = data.get("restored").getAsBoolean();
        lines.field("writable", !writable ? "no" : restored ? "not before espalier recover" : "yes");
        JsonElement manifest = data.get("manifest");
        if (manifest.isJsonObject()) {
            JsonObject object = manifest.getAsJsonObject();
            lines.field(
                    "manifest",
                    "version " + Lines.number(object, "version") + ", quorum " + Lines.number(object, "quorum") + " of "
                            + object.getAsJsonArray("signers").size());
        } else {
            lines.field("manifest", "not known yet");
        }
        JsonElement conflict = data.get("conflict");
        if (conflict.isJsonObject()) {
            JsonObject object = conflict.getAsJsonObject();
            lines.field(
                    "conflict",
                    "frozen: two different trees of length " + Lines.number(object, "length") + ", fork "
                            + Lines.number(object, "fork") + " were signed");
        }
        JsonObject storage = data.getAsJsonObject("storage");
        lines.field(
                "storage",
                "data " + SizeText.of(Lines.number(storage, "dataBytes")) + ", tree "
                        + SizeText.of(Lines.number(storage, "treeBytes")) + ", entries "
                        + SizeText.of(Lines.number(storage, "entryBytes")) + ", bits "
                        + SizeText.of(Lines.number(storage, "bitBytes")));
    }
}
