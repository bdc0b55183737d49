package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier log truncate}. */
@Command(
        name = "truncate",
        description = {
            "Drop all blocks from LENGTH on and sign the shorter log, with a larger fork number: it wins everywhere.",
            "Of a log that cannot be written here, LENGTH 0 forgets what this store holds of it."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier log truncate events 100", "  espalier log truncate events 0 --fork 7"})
final class LogTruncateCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LOG", description = "Name, key or link.")
    String log = "";

    @Parameters(index = "1", paramLabel = "LENGTH", description = "How many blocks stay.")
    long length;

    @Option(
            names = "--fork",
            paramLabel = "N",
            description = "Fork number, larger than the present one. Default: the next.")
    @Nullable
    Long fork;

    LogTruncateCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<Logs.Truncated> operation(Workspace work) {
        return Logs.of(work.store())
                .truncate(LogRef.parse(log), length, fork == null ? OptionalLong.empty() : OptionalLong.of(fork));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.say("length %d, fork %d", Lines.number(data, "length"), Lines.number(data, "fork"));
        }
    }
}
