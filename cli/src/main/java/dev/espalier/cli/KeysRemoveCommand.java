package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Operation;
import dev.espalier.release.multisig.KeyFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier multisig keys remove}. */
@Command(
        name = "remove",
        description = {
            "Delete the files of a key.",
            "A secret key is asked for again: when the last copy of it is gone, so is the signer. Releases go on only while"
                    + " a quorum of signers remains."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier multisig keys remove ann", "  espalier multisig keys remove default --yes"})
final class KeysRemoveCommand extends KeysOperation {

    @Parameters(index = "0", paramLabel = "NAME", description = "Its name.")
    String name = "";

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    boolean yes;

    KeysRemoveCommand(Runner runner, Terminal terminal) {
        super(runner, terminal);
    }

    @Override
    Operation<KeyData> operation(Workspace work) {
        return Operation.of(steps -> {
            KeyFolder folder = ring().require(name);
            KeyFolder.Entry entry = folder.get(name);
            if (entry.secretFile() != null && !yes) {
                Confirmation.require(
                        terminal, "Delete the secret key " + entry.secretFile() + " for good?", "say so with --yes");
            }
            return KeyData.of(folder.remove(name));
        });
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.say("removed %s %s", Lines.text(data, "name"), Lines.text(data, "publicKey"));
        }
    }
}
