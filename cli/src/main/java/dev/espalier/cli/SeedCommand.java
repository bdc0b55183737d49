package dev.espalier.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.Link;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import dev.espalier.release.Seed;
import dev.espalier.release.SizeText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier seed}. */
@Command(
        name = "seed",
        description = {
            "Hold all of a link, history included, and hand it to peers until interrupted.",
            "Meanwhile other commands on the same store work through this one; what they stage is announced at once."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier seed pear://KEY --listen 4000",
            "  espalier seed pear://KEY --listen 0.0.0.0:4000",
            "  espalier seed pear://KEY --peer HOST:4000 --listen 4001"
        })
final class SeedCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LINK", description = "What to seed; own or not.")
    String link = "";

    @Option(
            names = "--stats-interval",
            paramLabel = "MS",
            description = "How often to tell numbers that changed. Default: 500, with --no-tty 3000.")
    @Nullable
    Long statsInterval;

    @Option(names = "--no-tty", description = "Fewer lines; they are plain in any case.")
    boolean noTty;

    @Option(
            names = "--until-sync",
            paramLabel = "PEER",
            description = "End when the peer with this key holds all of the link; repeatable, for all of them.")
    List<String> untilSync = new ArrayList<>();

    @Mixin
    NetworkFlags network = new NetworkFlags();

    @Mixin
    ServeFlags serve = new ServeFlags();

    private String shown = "";

    SeedCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.HOLDING;
    }

    @Override
    boolean endsByInterruption() {
        return true;
    }

    @Override
    Operation<Seed.Result> operation(Workspace work) {
        long interval = statsInterval != null ? statsInterval : noTty ? 3000 : 500;
        Seed.Options options = new Seed.Options(
                serve.apply(network.options(work)),
                Duration.ofMillis(interval),
                untilSync.stream().map(SeedCommand::peer).toList());
        return Releases.of(work.store()).seed(Link.parseDrive(link), options);
    }

    private static Key peer(String text) {
        try {
            return Key.parse(text);
        } catch (EspalierException e) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT", "--until-sync takes the key of a peer, as the line of its join shows it.", e);
        }
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (PeerLines.show(tag, data, lines)) {
            return;
        }
        switch (tag) {
            case "seeding" -> {
                lines.say("Seeding %s", Lines.text(data, "link"));
                lines.say("Ctrl-C to stop");
            }
            case "peer-sync" -> lines.say("^_^ peer sync %s", Lines.text(data, "key"));
            case "stats" -> stats(data, lines);
            default -> {
                // The rest is for scripts.
            }
        }
    }

    private void stats(JsonObject data, Lines lines) {
        String line = String.format(
                "%s, length %d, holding %d of %s, up %s, down %s",
                Lines.count(Lines.number(data, "peers"), "peer"),
                Lines.number(data, "driveLength"),
                Lines.number(data, "heldBlocks"),
                Lines.count(Lines.number(data, "totalBlocks"), "block"),
                flow(data.getAsJsonObject("upload")),
                flow(data.getAsJsonObject("download")));
        if (line.equals(shown)) {
            return;
        }
        shown = line;
        lines.say(line);
        for (JsonElement element : data.getAsJsonArray("connections")) {
            JsonObject connection = element.getAsJsonObject();
            lines.say(
                    "    %s up %s (%s), down %s",
                    Lines.text(connection, "address"),
                    SizeText.of(Lines.number(connection, "uploadedBytes")),
                    Lines.count(Lines.number(connection, "uploadedBlocks"), "block"),
                    SizeText.of(Lines.number(connection, "downloadedBytes")));
        }
    }

    private static String flow(JsonObject flow) {
        return SizeText.of(Lines.number(flow, "totalBytes"));
    }
}
