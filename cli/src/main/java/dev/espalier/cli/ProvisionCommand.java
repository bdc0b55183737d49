package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.release.Link;
import dev.espalier.release.Operation;
import dev.espalier.release.Provision;
import dev.espalier.release.Releases;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier provision}. */
@Command(
        name = "provision",
        description = {
            "Make of a staged version what can become production: production's blocks, then one difference. What staging"
                    + " left behind is gone.",
            "As long as there is no production, its link is pear://0.0.KEY, KEY being the target's, or the one that"
                    + " production will have."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier provision pear://0.1079.STAGE pear://TARGET pear://0.0.TARGET --dry-run",
            "  espalier provision pear://0.1079.STAGE pear://TARGET pear://0.412.PRODUCTION",
            "  espalier provision pear://0.412.PRODUCTION pear://NEW pear://0.412.PRODUCTION"
        })
final class ProvisionCommand extends OperationCommand {

    @Parameters(
            index = "0",
            paramLabel = "SOURCE",
            description = "The version to provision: pear://FORK.LENGTH.KEY; length 0 is the newest.")
    String source = "";

    @Parameters(index = "1", paramLabel = "TARGET", description = "A link made with touch in this store.")
    String target = "";

    @Parameters(
            index = "2",
            paramLabel = "PRODUCTION",
            description =
                    "The version that is out: pear://FORK.LENGTH.KEY, or pear://0.0.KEY as long as there is none.")
    String production = "";

    @Option(
            names = {"-d", "--dry-run"},
            description = "Tell what would change, and change nothing.")
    boolean dryRun;

    @Option(
            names = "--cooldown",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "Wait so long before writing, for you to look and press Ctrl-C. Default: ${DEFAULT-VALUE}.")
    double cooldown;

    @Mixin
    NetworkFlags network = new NetworkFlags();

    ProvisionCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<Provision.Result> operation(Workspace work) {
        if (!(cooldown >= 0 && cooldown <= 1e9)) {
            throw new EspalierException("ERR_INVALID_INPUT", "--cooldown takes seconds from 0 to 1000000000.");
        }
        Provision.Links links =
                new Provision.Links(Link.parseDrive(source), Link.parseDrive(target), Link.parseDrive(production));
        Provision.Options options =
                new Provision.Options(dryRun, Duration.ofMillis(Math.round(cooldown * 1000)), network.options(work));
        return Releases.of(work.store()).provision(links, options);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (PeerLines.show(tag, data, lines)) {
            return;
        }
        switch (tag) {
            case "diffing" -> lines.say("Provisioning %s to %s", source, target);
            case "byte-diff" -> lines.diff(data);
            case "diffed" -> diffed(data, lines);
            case "dry" -> lines.say("This is a dry run: nothing is written.");
            case "cooldown" -> {
                long time = Lines.number(data, "time");
                if (time > 0) {
                    lines.say("Writing in %s s; Ctrl-C now leaves everything as it is.", seconds(time));
                }
            }
            case "blocks" -> {
                if (Lines.number(data, "targetLength") == Lines.number(data, "productionLength")) {
                    lines.say(
                            "synced %s of production's %s",
                            Lines.count(Lines.number(data, "productionLength"), "block"), Lines.text(data, "type"));
                }
            }
            case "staged" -> {
                if (Lines.number(data, "changes") == 0) {
                    lines.say("The target has these files already.");
                }
            }
            case "unsetting" -> lines.say("unsetting %s", Lines.text(data, "field"));
            case "setting" -> lines.say("setting %s to %s", Lines.text(data, "field"), data.get("value"));
            case "final" -> ended(data, lines);
            default -> {
                // The rest is for scripts.
            }
        }
    }

    private static void diffed(JsonObject data, Lines lines) {
        lines.say("%s, version %s", Lines.count(Lines.number(data, "changes"), "change"), Lines.text(data, "semver"));
    }

    private static void ended(JsonObject data, Lines lines) {
        JsonObject drive = data.getAsJsonObject("target");
        lines.field("source", Lines.text(data.getAsJsonObject("source"), "verlink"));
        lines.field("production", Lines.text(data.getAsJsonObject("production"), "verlink"));
        lines.field("target", Lines.text(drive, "verlink"));
        if (!data.get("dryRun").getAsBoolean()) {
            lines.field("entries", log(drive.getAsJsonObject("core")));
            lines.field("files", log(drive.getAsJsonObject("blobs")));
        }
    }

    /** Signers compare these. */
    private static String log(JsonObject log) {
        return Lines.count(Lines.number(log, "length"), "block") + ", tree hash " + Lines.text(log, "hash");
    }

    private static String seconds(long millis) {
        return millis % 1000 == 0 ? Long.toString(millis / 1000) : Double.toString(millis / 1000.0);
    }
}
