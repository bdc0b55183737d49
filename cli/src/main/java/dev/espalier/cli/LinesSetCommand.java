package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Operation;
import dev.espalier.release.SetLine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier lines set}. */
@Command(
        name = "set",
        description = {
            "Add a line of release to espalier.lines.json, or change it. The file is made beside the package.json when it"
                    + " is not there."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier lines set staging pear://KEY",
            "  espalier lines set rc pear://KEY --upgrade pear://PRODUCTION",
            "  espalier lines set spike pear://KEY --kind stage --json"
        })
final class LinesSetCommand extends OperationCommand {

    @Parameters(
            index = "0",
            paramLabel = "NAME",
            description = "development, staging, rc, prerelease, production, or any other.")
    String name = "";

    @Parameters(index = "1", paramLabel = "LINK", description = "Where its releases are.")
    String link = "";

    @Option(
            names = "--upgrade",
            paramLabel = "LINK",
            description = "Where its builds update from. Default: for rc and prerelease production, once there is that"
                    + " line; else its own link.")
    @Nullable
    String upgrade;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description =
                    "stage, provision or multisig. Default: provision for prerelease, multisig for production, else"
                            + " stage.")
    @Nullable
    String kind;

    LinesSetCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.NONE;
    }

    @Override
    Operation<SetLine.Result> operation(Workspace work) {
        return SetLine.of(work.folder(), new SetLine.Options(name, link, upgrade, kind));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "finding" -> FindingLines.show(data, lines);
            case "final" -> {
                JsonObject line = data.getAsJsonObject("line");
                lines.say("%s (%s)", Lines.text(line, "name"), Lines.text(line, "kind"));
                lines.field("  link", Lines.text(line, "link"));
                lines.field("  upgrade", Lines.text(line, "upgrade"));
            }
            default -> {
                // The rest is for scripts.
            }
        }
    }
}
