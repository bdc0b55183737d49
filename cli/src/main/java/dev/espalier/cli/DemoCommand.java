package dev.espalier.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.release.Demo;
import dev.espalier.release.Operation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code espalier demo}. */
@Command(
        name = "demo",
        description = {
            "Tell the whole story on this machine, in less than a minute: a small application is staged, seeded, fetched by"
                    + " a second store, changed, fetched again, and provisioned.",
            "Nothing leaves the loopback network, and your own store is not touched."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier demo", "  espalier demo --keep ./demo", "  espalier demo --json"})
final class DemoCommand extends OperationCommand {

    @Option(names = "--keep", paramLabel = "DIR", description = "Leave everything in this folder, to look at.")
    @Nullable
    Path keep;

    private final String command;
    private final List<String> commands = new ArrayList<>();

    /** {@code command} is what a person types to run this one. */
    DemoCommand(Runner runner, String command) {
        super(runner);
        this.command = command;
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.NONE;
    }

    @Override
    Operation<Demo.Result> operation(Workspace work) {
        return Demo.operation(new Demo.Options(keep == null ? null : work.resolve(keep), command));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("step")) {
            lines.say(
                    "%d. %s (%s s)",
                    Lines.number(data, "step"), Lines.text(data, "title"), Lines.text(data, "seconds"));
            lines.say("   %s", Lines.text(data, "outcome"));
            for (JsonElement typed : data.getAsJsonArray("command")) {
                commands.add(typed.getAsString());
            }
        } else if (tag.equals("final")) {
            lines.say("");
            lines.say("Everything went as it should, in %s s.", Lines.text(data, "seconds"));
            lines.say(
                    "The first fetch took %d blocks, the second one %d.",
                    Lines.number(data, "firstFetch"), Lines.number(data, "secondFetch"));
            boolean kept = !data.get("folder").isJsonNull();
            if (kept) {
                lines.say("");
                lines.say("Everything lies in %s:", Lines.text(data, "folder"));
                lines.say("  app        the application");
                lines.say("  publisher  the store it was staged to");
                lines.say("  reader     the store it was fetched into");
                lines.say("  copy       what was written there");
                lines.say("  keys       keys of three signers, under a password that is no secret: only a demo");
                lines.say("  seeder-1   a store that seeds production, and seeder-2 another one");
                lines.say("  released   what was released");
            }
            lines.say("");
            lines.say("Each step by hand (seed in a terminal of its own):");
            commands.forEach(typed -> lines.say("  " + typed));
            if (!kept) {
                lines.say("");
                lines.say(
                        "LINK and TARGET are what touch prints (TARGET without pear:// behind 0.0), VERSION what stage");
                lines.say("prints last, app any folder. To keep all of this to look at:");
                lines.say("  " + command + " demo --keep demo");
            }
        }
    }
}
