package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import dev.espalier.release.Touch;
import picocli.CommandLine.Command;

/** {@code espalier touch}. */
@Command(
        name = "touch",
        description = {
            "Make a link that only this store can write to.",
            "It is derived from the store: a lost store is a lost link."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier touch", "  espalier touch --json", "  link=$(espalier touch)"})
final class TouchCommand extends OperationCommand {

    TouchCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.ANY;
    }

    @Override
    Operation<Touch.Result> operation(Workspace work) {
        return Releases.of(work.store()).touch();
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.say(Lines.text(data, "link"));
        }
    }
}
