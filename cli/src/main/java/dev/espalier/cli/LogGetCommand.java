package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LogRead;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code espalier log get}. */
@Command(
        name = "get",
        description = "Hand one block to standard output as it is; with --json as Base64.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier log get events 0", "  espalier log get KEY 17 --peer HOST:4000 > block"})
final class LogGetCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LOG", description = "Name, key or link.")
    String log = "";

    @Parameters(index = "1", paramLabel = "INDEX", description = "Which block, from 0.")
    long block;

    @Mixin
    NetworkFlags network = new NetworkFlags();

    LogGetCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return network.isUsed() ? StoreUse.ANY : StoreUse.EXISTING;
    }

    @Override
    Operation<LogRead.Result> operation(Workspace work) {
        LogRead.Options options = LogRead.Options.block(block, network.options(work));
        return Logs.of(work.store()).read(LogRef.parse(log), options, BlockPiece.sink(work));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        // Standard output is for the block and nothing else.
    }
}
