package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.MultisigRequest;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier multisig request}. */
@Command(
        name = "request",
        description = {
            "Make the text that signers sign: what production shall become.",
            "Refused unless two peers hold all of the provision link, since any machine must be able to commit it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier multisig request --peer HOST:4000",
            "  espalier multisig request 412 --peer HOST:4000 --legacy      for hypercore-sign 3.0"
        })
final class MultisigRequestCommand extends OperationCommand {

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "LENGTH",
            description = "Length of the provision link. Default: what it has now.")
    @Nullable
    Long length;

    @Option(
            names = {"-y", "--yes"},
            description = "A LENGTH other than the present one is meant.")
    boolean yes;

    @Option(names = "--force", description = "Do not ask for seeders.")
    boolean force;

    @Option(names = "--legacy", description = "Make it readable by hypercore-sign 3.0.")
    boolean legacy;

    @Mixin
    MultisigFlags multisig = new MultisigFlags();

    @Mixin
    NetworkFlags network = new NetworkFlags();

    MultisigRequestCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.ANY;
    }

    @Override
    Operation<MultisigRequest.Result> operation(Workspace work) {
        MultisigRequest.Options options =
                new MultisigRequest.Options(length, yes, force, legacy, multisig.rule(), network.options(work));
        return Releases.of(work.store()).multisigRequest(multisig.config(work), options);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        // On standard output the text alone, to be put into a file.
        if (tag.equals("final")) {
            lines.say(Lines.text(data, "request"));
        }
    }
}
