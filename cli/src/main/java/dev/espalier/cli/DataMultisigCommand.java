package dev.espalier.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.merkle.Key;
import dev.espalier.release.Link;
import dev.espalier.release.MultisigRecords;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import picocli.CommandLine.Command;

/** {@code espalier data multisig}. */
@Command(
        name = "multisig",
        description = {
            "List what was committed from this store: the newest release of each production link.",
            "One whose commit was begun and has not ended is marked; until it has, every command warns of it."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier data multisig", "  espalier data multisig --json"})
final class DataMultisigCommand extends OperationCommand {

    DataMultisigCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.ANY;
    }

    @Override
    Operation<MultisigRecords.Result> operation(Workspace work) {
        return Releases.of(work.store()).multisigRecords();
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (!tag.equals("final")) {
            return;
        }
        if (data.getAsJsonArray("records").isEmpty()) {
            lines.say("[ No results ]");
        }
        for (JsonElement element : data.getAsJsonArray("records")) {
            JsonObject item = element.getAsJsonObject();
            Link link = Link.of(Key.parse(Lines.text(item, "key")), 0, Lines.number(item, "length"));
            lines.say(link + (item.get("done").getAsBoolean() ? "" : "  not confirmed"));
        }
    }
}
