package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.release.Link;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import dev.espalier.release.SizeText;
import dev.espalier.release.Stage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier stage}. */
@Command(
        name = "stage",
        description = {
            "Bring a link to what a folder holds, appending only what changed.",
            "Without DIR the nearest folder upwards with a package.json is staged. A DIR that is named is staged as it is."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier stage pear://KEY --dry-run",
            "  espalier stage pear://KEY --plan HASH",
            "  espalier stage pear://KEY ./build-1.2.0",
            "  espalier stage pear://KEY . --ignore node_modules,*.log,!keep.log",
            "  espalier stage pear://KEY . --only /by-arch/linux-x64"
        })
final class StageCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LINK", description = "A link made with touch in this store.")
    String link = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "DIR", description = "The folder. Default: see above.")
    @Nullable
    Path dir;

    @Option(
            names = {"-d", "--dry-run"},
            description = "Tell what would change, and change nothing.")
    boolean dryRun;

    // Items are not trimmed: a name may begin with a space.
    @Option(
            names = "--ignore",
            paramLabel = "A,B",
            split = ",",
            hideParamSyntax = true,
            description = "Leave these paths or patterns (* and **) alone, but not those marked with !; repeatable.")
    List<String> ignore = new ArrayList<>();

    @Option(
            names = "--only",
            paramLabel = "A,B",
            split = ",",
            hideParamSyntax = true,
            description = "Look at these folders or files and no others; repeatable.")
    List<String> only = new ArrayList<>();

    @Option(names = "--purge", description = "Remove from the link what is ignored and was staged before.")
    boolean purge;

    @Option(
            names = "--truncate",
            paramLabel = "VERSION",
            description = "Go back to this version before: what came later is gone, and the link gets a new fork.")
    @Nullable
    Long truncate;

    @Option(
            names = "--plan",
            paramLabel = "HASH",
            description = "Refuse to stage anything else than what the dry run that told this hash would have.")
    @Nullable
    String plan;

    @Option(names = "--checksum", description = "Read all files, not only those that seem to have changed.")
    boolean checksum;

    StageCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<Stage.Result> operation(Workspace work) {
        Path folder = dir == null ? work.folder() : work.resolve(dir);
        Hash expected = plan == null ? null : hash(plan);
        return Releases.of(work.store())
                .stage(
                        Link.parseDrive(link),
                        new Stage.Options(folder, dir == null, dryRun, ignore, only, purge, truncate, expected)
                                .withChecksum(checksum));
    }

    private static Hash hash(String text) {
        try {
            return Hash.of(Key.parse(text).bytes());
        } catch (EspalierException e) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT", "--plan takes the hash that a dry run told, 52 characters.", e);
        }
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "staging" -> {
                lines.say("Staging %s from %s", Lines.text(data, "name"), Lines.text(data, "dir"));
                lines.field("link", Lines.text(data, "link"));
                lines.field("current", Lines.text(data, "verlink"));
            }
            case "dry" -> lines.say("This is a dry run: nothing is written.");
            case "byte-diff" -> lines.diff(data);
            case "summary" -> summary(data, lines);
            case "plan" -> lines.field("plan", Lines.text(data, "hash"));
            case "skipping" -> lines.say("Nothing written (%s).", Lines.text(data, "reason"));
            case "addendum" -> lines.field("latest", Lines.text(data, "verlink"));
            default -> {
                // The rest is for scripts.
            }
        }
    }

    private static void summary(JsonObject data, Lines lines) {
        lines.say(
                "%s: %d added, %d changed, %d removed",
                Lines.count(Lines.number(data, "files"), "file"),
                Lines.number(data, "add"),
                Lines.number(data, "change"),
                Lines.number(data, "remove"));
        if (!data.get("blobs").isJsonNull()) {
            JsonObject blobs = data.getAsJsonObject("blobs");
            lines.say(
                    "drive: %s of entries, %s of files (%s)",
                    Lines.count(Lines.number(data, "length"), "block"),
                    Lines.count(Lines.number(blobs, "length"), "block"),
                    SizeText.of(Lines.number(blobs, "byteLength")));
        }
    }
}
