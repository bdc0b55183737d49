package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.drive.Entry;
import dev.espalier.merkle.EspalierException;
import dev.espalier.release.Dump;
import dev.espalier.release.Event;
import dev.espalier.release.Link;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import dev.espalier.release.SizeText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier dump}. */
@Command(
        name = "dump",
        description = {
            "Write what a link means to a folder, fetched from peers where it is not held here.",
            "The path of a link selects a folder or a file; a versioned link selects that version. DIR - hands the bytes of"
                    + " files to standard output."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier dump pear://KEY ./copy --peer HOST:4000",
            "  espalier dump pear://KEY ./copy --force            make an older copy equal",
            "  espalier dump pear://0.12.KEY ./version-12",
            "  espalier dump pear://KEY/package.json -",
            "  espalier dump pear://KEY - --list"
        })
final class DumpCommand extends OperationCommand {

    private static final int CHUNK = 1 << 16;

    @Parameters(index = "0", paramLabel = "LINK", description = "What to dump: pear://..., file:///... or /a/path.")
    String link = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "DIR", description = "Where to; - is standard output.")
    @Nullable
    String dir;

    @Option(
            names = {"-d", "--dry-run"},
            description = "Tell what would change, and change nothing.")
    boolean dryRun;

    @Option(names = "--checkout", paramLabel = "N", description = "The version, instead of the link's or the newest.")
    @Nullable
    Long checkout;

    @Option(
            names = "--only",
            paramLabel = "A,B",
            split = ",",
            hideParamSyntax = true,
            description = "Only these, below the path of the link; nothing is removed then. Repeatable.")
    List<String> only = new ArrayList<>();

    @Option(
            names = {"-f", "--force"},
            description = "Into a folder that is not empty: it is made equal.")
    boolean force;

    @Option(names = "--list", description = "Only list names.")
    boolean list;

    @Option(names = "--no-prune", description = "Remove nothing from the folder.")
    boolean noPrune;

    @Mixin
    NetworkFlags network = new NetworkFlags();

    DumpCommand(Runner runner) {
        super(runner);
    }

    /**
     * A piece of a file that is handed out as JSON.
     *
     * @param key path of the file
     * @param value bytes in Base64; null for a link
     * @param offset where in the file these bytes are
     * @param linkname text of a link; null for a file
     */
    record Piece(
            String key,
            @Nullable String value,
            long offset,
            @Nullable String linkname) implements Event {
        @Override
        public String tag() {
            return "file";
        }
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.ANY;
    }

    @Override
    Operation<Dump.Result> operation(Workspace work) {
        String target = dir;
        if (target == null && !list) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT", "Say where to dump to: a folder, or - for standard output.");
        }
        Path folder = target == null || target.equals("-") ? null : work.resolve(Path.of(target));
        Dump.Options options = new Dump.Options(
                folder,
                dryRun,
                checkout,
                only.stream().map(String::strip).filter(item -> !item.isEmpty()).toList(),
                force,
                list,
                !noPrune,
                network.options(work));
        return Releases.of(work.store())
                .dump(parse(link), options, (path, entry, bytes) -> hand(work, path, entry, bytes));
    }

    private static Link parse(String text) {
        String normal = Link.normalize(text);
        return normal.startsWith("/") || normal.startsWith("file:") ? Link.parse(normal) : Link.parseDrive(text);
    }

    private static void hand(Workspace work, String path, Entry entry, InputStream bytes) throws IOException {
        if (!work.json()) {
            bytes.transferTo(work.output());
            return;
        }
        if (entry.isLink()) {
            work.tell().accept(new Piece(path, null, 0, entry.linkname()));
            return;
        }
        long offset = 0;
        byte[] chunk = bytes.readNBytes(CHUNK);
        do {
            work.tell().accept(new Piece(path, Base64.getEncoder().encodeToString(chunk), offset, null));
            offset += chunk.length;
            chunk = bytes.readNBytes(CHUNK);
        } while (chunk.length > 0);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (list || "-".equals(dir)) {
            // Standard output is for names, or for bytes and nothing else.
            if (tag.equals("file")) {
                lines.say(Lines.text(data, "key"));
            }
            return;
        }
        if (PeerLines.show(tag, data, lines)) {
            return;
        }
        switch (tag) {
            case "dumping" -> lines.say("Dumping %s into %s", Lines.text(data, "link"), Lines.text(data, "dir"));
            case "dry" -> lines.say("This is a dry run: nothing is written.");
            case "byte-diff" -> lines.diff(data);
            case "final" -> {
                lines.say(
                        "%s: %d added, %d changed, %d removed",
                        Lines.count(Lines.number(data, "files"), "file"),
                        Lines.number(data, "add"),
                        Lines.number(data, "change"),
                        Lines.number(data, "remove"));
                lines.say(
                        "fetched %s (%s)",
                        Lines.count(Lines.number(data, "downloadedBlocks"), "block"),
                        SizeText.of(Lines.number(data, "downloadedBytes")));
                lines.field("version", Lines.text(data, "link"));
            }
            default -> {
                // The rest is for scripts.
            }
        }
    }
}
