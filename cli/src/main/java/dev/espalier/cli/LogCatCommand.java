package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LogRead;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier log cat}. */
@Command(
        name = "cat",
        description = "Hand blocks back to back to standard output; with --json each as Base64.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier log cat backup > image.iso", "  espalier log cat events --start 100 --end 110"})
final class LogCatCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LOG", description = "Name, key or link.")
    String log = "";

    @Option(names = "--start", paramLabel = "A", defaultValue = "0", description = "First block. Default: 0.")
    long start;

    @Option(names = "--end", paramLabel = "B", description = "Block after the last. Default: the length.")
    @Nullable
    Long end;

    @Mixin
    NetworkFlags network = new NetworkFlags();

    LogCatCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return network.isUsed() ? StoreUse.ANY : StoreUse.EXISTING;
    }

    @Override
    Operation<LogRead.Result> operation(Workspace work) {
        LogRead.Options options = new LogRead.Options(start, end, network.options(work));
        return Logs.of(work.store()).read(LogRef.parse(log), options, BlockPiece.sink(work));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        // Standard output is for the blocks and nothing else.
    }
}
