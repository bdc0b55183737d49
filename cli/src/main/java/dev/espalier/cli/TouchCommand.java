package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import dev.espalier.release.Touch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code espalier touch}. */
@Command(
        name = "touch",
        description = {
            "Make a link that only this store can write to.",
            "It is derived from the store: a lost store is a lost link."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier touch",
            "  espalier touch --json",
            "  espalier touch --vanity app",
            "  link=$(espalier touch)"
        })
final class TouchCommand extends OperationCommand {

    @Option(
            names = "--vanity",
            paramLabel = "PREFIX",
            defaultValue = "",
            description = "Search for a link whose key begins so: seconds for 2 letters, minutes for 4.")
    String vanity = "";

    TouchCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.ANY;
    }

    @Override
    Operation<Touch.Result> operation(Workspace work) {
        return Releases.of(work.store()).touch(vanity);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.say(Lines.text(data, "link"));
        }
    }
}
