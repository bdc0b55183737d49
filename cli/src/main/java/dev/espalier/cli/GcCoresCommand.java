package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.FreeCores;
import dev.espalier.release.Link;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import dev.espalier.release.SizeText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code espalier gc cores}. */
@Command(
        name = "cores",
        description = {
            "Give up the blocks of a link's two logs here: peers can bring them again; where no peer holds them, they are"
                    + " lost.",
            "A link that was made here is skipped, and so is one of which nothing is held."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier gc cores pear://KEY", "  espalier gc cores pear://KEY --json"})
final class GcCoresCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LINK", description = "Whose blocks to give up.")
    String link = "";

    private boolean skipped;

    GcCoresCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<FreeCores.Result> operation(Workspace work) {
        return Releases.of(work.store()).freeCores(Link.parseDrive(link));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "cores" -> {
                skipped = data.get("skipped").getAsBoolean();
                if (skipped) {
                    lines.say("Skipped %s: it was made here, or nothing of it is here.", Lines.text(data, "link"));
                }
            }
            case "final" -> {
                if (!skipped) {
                    lines.say(
                            "cleared %s, %s freed",
                            Lines.count(Lines.number(data, "blocks"), "block"),
                            SizeText.of(Lines.number(data, "freedBytes")));
                }
            }
            default -> {
                // There is no other.
            }
        }
    }
}
