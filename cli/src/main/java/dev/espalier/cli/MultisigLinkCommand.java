package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.MultisigLink;
import dev.espalier.release.Operation;
import java.nio.file.Path;
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
        footer = {
            "  espalier multisig link",
            "  espalier multisig link --config pear.json",
            "  espalier multisig link --vanity app                       before anything was built for it"
        })
final class MultisigLinkCommand extends OperationCommand {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "multisig.json",
            description = "The configuration: multisig.json or pear.json. Default: ${DEFAULT-VALUE}.")
    Path config = Path.of("multisig.json");

    @Option(
            names = "--vanity",
            paramLabel = "PREFIX",
            description = {
                "Search for a link whose key begins so, by a random end of the namespace, which is written to the"
                        + " configuration: seconds for 2 letters, minutes for 4."
            })
    String vanity = "";

    MultisigLinkCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.NONE;
    }

    @Override
    Operation<MultisigLink.Result> operation(Workspace work) {
        return MultisigLink.of(work.resolve(config), vanity);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.say(Lines.text(data, "link"));
        }
    }

    @Override
    void note(String tag, JsonObject data, Lines lines) {
        if (tag.equals("namespace")) {
            lines.say("The namespace in %s is %s now.", Lines.text(data, "file"), Lines.text(data, "namespace"));
        }
    }
}
