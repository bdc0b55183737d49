package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.DriveList;
import dev.espalier.release.Link;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import dev.espalier.release.SizeText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier drive ls}. */
@Command(
        name = "ls",
        description = {
            "List what a folder of a drive holds: what it is, how large, and where a link leads. Only entries are fetched, no"
                    + " files.",
            "A versioned link selects that version; its path, or PATH, a folder or file."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier drive ls pear://KEY",
            "  espalier drive ls pear://KEY/docs --recursive",
            "  espalier drive ls pear://0.12.KEY /by-arch --peer HOST:4000 --json"
        })
final class DriveListCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LINK", description = "The drive.")
    String link = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "PATH", description = "Below the path of the link.")
    @Nullable
    String path;

    @Option(
            names = {"-r", "--recursive"},
            description = "All files below, instead of the folders of the folder.")
    boolean recursive;

    @Option(names = "--checkout", paramLabel = "N", description = "The version, instead of the link's or the newest.")
    @Nullable
    Long checkout;

    @Mixin
    NetworkFlags network = new NetworkFlags();

    DriveListCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return network.isUsed() ? StoreUse.ANY : StoreUse.EXISTING;
    }

    @Override
    Operation<DriveList.Result> operation(Workspace work) {
        Link drive = Link.parseDrive(link);
        String below = drive.decodedPath() + "/" + (path == null ? "" : path);
        return Releases.of(work.store())
                .list(drive, new DriveList.Options(below, checkout, recursive, network.options(work)));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "entry" -> entry(data, lines);
            case "final" ->
                lines.say(
                        "%s, %s: %s",
                        Lines.number(data, "entries") == 1 ? "1 entry" : Lines.number(data, "entries") + " entries",
                        SizeText.of(Lines.number(data, "bytes")),
                        Lines.text(data, "link"));
            default -> {
                // Peers come and go; not what was asked.
            }
        }
    }

    private static void entry(JsonObject data, Lines lines) {
        String path = Lines.text(data, "path");
        switch (Lines.text(data, "type")) {
            case "folder" -> lines.say("%-6s %8s  %s/", "folder", "", path);
            case "link" -> lines.say("%-6s %8s  %s -> %s", "link", "", path, Lines.text(data, "linkname"));
            default ->
                lines.say(
                        "%-6s %8s  %s",
                        data.get("executable").getAsBoolean() ? "exec" : "file",
                        SizeText.of(Lines.number(data, "size")),
                        path);
        }
    }
}
