package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.merkle.Key;
import dev.espalier.release.Link;
import dev.espalier.release.Operation;
import dev.espalier.release.multisig.MultisigConfig;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code espalier multisig link}. */
@Command(
        name = "link",
        description = {
            "Print the link of production, which follows from the configuration.",
            "Signers in their order, quorum and namespace make the link: change one of them, and it is another one."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier multisig link", "  espalier multisig link --config pear.json"})
final class MultisigLinkCommand extends OperationCommand {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "multisig.json",
            description = "The configuration: multisig.json or pear.json. Default: ${DEFAULT-VALUE}.")
    Path config = Path.of("multisig.json");

    MultisigLinkCommand(Runner runner) {
        super(runner);
    }

    /** The link, and what it follows from. */
    record Result(Link link, int quorum, List<Key> publicKeys, String namespace) {}

    @Override
    StoreUse storeUse() {
        return StoreUse.NONE;
    }

    @Override
    Operation<Result> operation(Workspace work) {
        MultisigConfig read = MultisigConfig.read(work.resolve(config));
        return Operation.of(
                steps -> new Result(Link.of(read.key()), read.quorum(), read.publicKeys(), read.namespace()));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.say(Lines.text(data, "link"));
        }
    }
}
