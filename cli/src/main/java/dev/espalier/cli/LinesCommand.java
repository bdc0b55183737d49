package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LineStates;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code espalier lines}. */
@Command(
        name = "lines",
        description = {
            "Tell where each line of release stands: version, length, seeders, upgrade link, last commit.",
            "Lines are named in espalier.lines.json beside the package.json: development, staging and rc are staged,"
                    + " prerelease is provisioned from rc, production signed by several; others are custom lines."
        },
        synopsisSubcommandLabel = "[COMMAND]",
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier lines",
            "  espalier lines --peer HOST:4000 --json",
            "  espalier lines set staging pear://KEY",
            "  espalier lines set rc pear://KEY --upgrade pear://PRODUCTION"
        })
final class LinesCommand extends OperationCommand {

    @Mixin
    SeederFlags seeders = new SeederFlags();

    @Mixin
    NetworkFlags network = new NetworkFlags();

    LinesCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.ANY;
    }

    @Override
    Operation<LineStates.Result> operation(Workspace work) {
        return Releases.of(work.store())
                .lines(new LineStates.Options(work.folder(), seeders.rule(), network.options(work)));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "line" -> state(data, lines);
            case "finding" -> FindingLines.show(data, lines);
            default -> {
                // The rest is for scripts.
            }
        }
    }

    private static void state(JsonObject data, Lines lines) {
        String kind = Lines.text(data, "kind");
        lines.say(
                "%s (%s%s)",
                Lines.text(data, "name"),
                kind,
                kind.equals("multisig") ? "" : data.get("writable").getAsBoolean() ? "" : ", not writable here");
        lines.field("  link", Lines.text(data, "link"));
        lines.field("  upgrade", Lines.text(data, "upgrade"));
        String version = Lines.text(data, "version");
        long length = Lines.number(data, "length");
        lines.field(
                "  newest",
                length == 0
                        ? "nothing known"
                        : Lines.text(data, "verlink") + (version.isEmpty() ? "" : ", version " + version));
        if (!data.get("seeders").isJsonNull()) {
            lines.field("  seeders", Lines.count(Lines.number(data, "seeders"), "peer") + " with all of it");
        }
        if (!data.get("lastCommit").isJsonNull()) {
            JsonObject commit = data.getAsJsonObject("lastCommit");
            lines.field(
                    "  last commit",
                    "length " + Lines.number(commit, "length")
                            + (commit.get("done").getAsBoolean() ? "" : ", not confirmed"));
        }
    }
}
