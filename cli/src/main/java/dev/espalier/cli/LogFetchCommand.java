package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.LogFetch;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import dev.espalier.release.SizeText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier log fetch}. */
@Command(
        name = "fetch",
        description = "Download blocks of a log from peers and wait until they are held here, verified.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier log fetch KEY --peer HOST:4000",
            "  espalier log fetch KEY --start 0 --end 100 --peer HOST:4000",
            "  espalier log fetch KEY --blocks 7,1000 --peer HOST:4000"
        })
final class LogFetchCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "KEY", description = "Key or link.")
    String key = "";

    @Option(names = "--start", paramLabel = "A", defaultValue = "0", description = "First block. Default: 0.")
    long start;

    @Option(names = "--end", paramLabel = "B", description = "Block after the last. Default: the length peers tell.")
    @Nullable
    Long end;

    @Option(
            names = "--blocks",
            paramLabel = "I,J",
            split = ",",
            hideParamSyntax = true,
            description = "These blocks instead of a range.")
    List<Long> blocks = new ArrayList<>();

    @Mixin
    NetworkFlags network = new NetworkFlags();

    LogFetchCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.ANY;
    }

    @Override
    Operation<LogFetch.Result> operation(Workspace work) {
        Key parsed = LogRef.parse(key).key();
        if (parsed == null) {
            throw new EspalierException("ERR_INVALID_LINK", "\"" + key + "\" is neither a key nor a link.");
        }
        return Logs.of(work.store()).fetch(parsed, new LogFetch.Options(start, end, blocks, network.options(work)));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (PeerLines.show(tag, data, lines) || !tag.equals("final")) {
            return;
        }
        lines.say(
                "fetched %s (%s) in %s s",
                Lines.count(Lines.number(data, "downloadedBlocks"), "block"),
                SizeText.of(Lines.number(data, "downloadedBytes")),
                Lines.text(data, "seconds"));
        lines.field("length", Lines.number(data, "length") + ", fork " + Lines.number(data, "fork"));
        lines.field("tree hash", Lines.text(data, "treeHash"));
    }
}
