package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.LogProof;
import dev.espalier.release.LogRef;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier log verify}. */
@Command(
        name = "verify",
        description = {
            "Check a file that log proof made. Needs neither a store nor peers.",
            "The file says which log it is about; compare the key with the one you trust, or name it with --key."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier log verify seven.proof --key KEY",
            "  espalier log verify seven.proof --extract seven.txt",
            "  espalier log verify seven.proof --json"
        })
final class LogVerifyCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "PROOF", description = "The file.")
    Path proof = Path.of("");

    @Option(names = "--key", paramLabel = "KEY", description = "Key or link of the log that it must be about.")
    @Nullable
    String key;

    @Option(
            names = "--extract",
            paramLabel = "FILE",
            description = "Write the proven block there, as it is stored (encrypted if the log is).")
    @Nullable
    Path extract;

    LogVerifyCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.NONE;
    }

    @Override
    Operation<LogProof.Verified> operation(Workspace work) {
        return Logs.verify(work.resolve(proof), expected(), extract == null ? null : work.resolve(extract));
    }

    private @Nullable Key expected() {
        if (key == null) {
            return null;
        }
        Key expected = LogRef.parse(key).key();
        if (expected == null) {
            throw new EspalierException("ERR_INVALID_LINK", "\"" + key + "\" is neither a key nor a link.");
        }
        return expected;
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (!tag.equals("final")) {
            return;
        }
        long length = Lines.number(data, "length");
        long signed = Lines.number(data, "signedLength");
        lines.field("valid", key == null ? "yes, if this is the key of the log that you mean" : "yes");
        lines.field("key", Lines.text(data, "key"));
        lines.field("block", Lines.number(data, "index") + ", " + Lines.number(data, "byteLength") + " bytes");
        lines.field("block hash", Lines.text(data, "blockHash"));
        lines.field("length", Lines.count(length, "block") + ", fork " + Lines.number(data, "fork"));
        lines.field("tree hash", Lines.text(data, "treeHash"));
        if (signed != length) {
            lines.field("signed", "when the log had grown to " + Lines.count(signed, "block"));
        }
    }
}
