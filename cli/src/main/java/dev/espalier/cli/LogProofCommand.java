package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LogProof;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import dev.espalier.release.SizeText;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier log proof}. */
@Command(
        name = "proof",
        description = {
            "Make a file that proves one block to whoever has nothing but the key of the log.",
            "It holds the block, the hashes on its path and the signed head, and goes to standard output unless a file"
                    + " is named; with --json as Base64."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier log proof events --block 7 > seven.proof",
            "  espalier log proof KEY --block 7 --length 100 -o seven.proof",
            "  espalier log verify seven.proof --key KEY"
        })
final class LogProofCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LOG", description = "Name, key or link.")
    String log = "";

    @Option(names = "--block", paramLabel = "I", required = true, description = "Which block, from 0.")
    long block;

    @Option(
            names = "--length",
            paramLabel = "L",
            description = "Prove that it was in the log when that had L blocks. Default: all it has.")
    @Nullable
    Long length;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the proof there.")
    @Nullable
    Path output;

    LogProofCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<LogProof.Made> operation(Workspace work) {
        return Logs.of(work.store()).prove(LogRef.parse(log), block, length, ProofPiece.sink(work, output));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final") && output != null) {
            lines.say(
                    "%s proves block %d of %d, fork %d, of log %s (%s)",
                    output,
                    Lines.number(data, "index"),
                    Lines.number(data, "length"),
                    Lines.number(data, "fork"),
                    Lines.text(data, "key"),
                    SizeText.of(Lines.number(data, "bytes")));
        }
    }
}
