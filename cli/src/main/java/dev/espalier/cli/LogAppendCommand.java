package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.log.Durability;
import dev.espalier.release.LogAppend;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import dev.espalier.release.SizeText;
import java.nio.channels.Channels;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier log append}. */
@Command(
        name = "append",
        description = {
            "Append a file, or standard input, to an own log.",
            "A line for each append call tells the length that is acknowledged."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier log append events --lines < events.txt",
            "  espalier log append backup image.iso --block-size 1048576",
            "  tail -f app.txt | espalier log append events --lines --batch 1"
        })
final class LogAppendCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LOG", description = "Name, key or link.")
    String log = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", description = "Default: standard input.")
    @Nullable
    Path file;

    @Option(names = "--lines", description = "One block a line, without its line end.")
    boolean byLines;

    @Option(
            names = "--block-size",
            paramLabel = "N",
            defaultValue = "65536",
            description = "Bytes of a block, at most 15 MiB. Default: ${DEFAULT-VALUE}.")
    int blockSize;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Blocks of an append call. Default: ${DEFAULT-VALUE}.")
    int batch;

    @Option(
            names = "--durability",
            paramLabel = "LEVEL",
            defaultValue = "none",
            description =
                    "What an acknowledgement survives: none the end of this process, data and full the loss of power"
                            + " (full: with all metadata). Default: ${DEFAULT-VALUE}.")
    Durability durability = Durability.NONE;

    LogAppendCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    boolean readsInput() {
        return file == null;
    }

    @Override
    Operation<LogAppend.Result> operation(Workspace work) {
        LogAppend.Options options = new LogAppend.Options(byLines, blockSize, batch, durability);
        LogRef ref = LogRef.parse(log);
        Logs logs = Logs.of(work.store());
        if (file == null) {
            return logs.append(ref, Channels.newChannel(work.input()), options);
        }
        return logs.append(ref, work.resolve(file), options);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "appended" ->
                lines.say("length %d, %d bytes", Lines.number(data, "length"), Lines.number(data, "byteLength"));
            case "final" ->
                lines.say(
                        "appended %s (%s) to %s",
                        Lines.count(Lines.number(data, "blocks"), "block"),
                        SizeText.of(Lines.number(data, "bytes")),
                        Lines.text(data, "key"));
            default -> {
                // Nothing else happens.
            }
        }
    }
}
