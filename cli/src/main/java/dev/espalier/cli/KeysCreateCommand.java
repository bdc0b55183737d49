package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Operation;
import dev.espalier.release.multisig.KeyFolder;
import java.util.Arrays;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code espalier multisig keys create}. */
@Command(
        name = "create",
        description = {
            "Make a key to sign with, under a password that is typed twice.",
            "The password is needed for each signature, and nobody can help when it is lost. Making and opening a key take"
                    + " a GiB of memory and some seconds: that is what makes guessing dear."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier multisig keys create",
            "  espalier multisig keys create release-2 --password-fd 3 3<password-file"
        })
final class KeysCreateCommand extends KeysOperation {

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "NAME",
            defaultValue = KeyFolder.DEFAULT_NAME,
            description = "Its name. Default: ${DEFAULT-VALUE}.")
    String name = KeyFolder.DEFAULT_NAME;

    @Mixin
    PasswordFlags password = new PasswordFlags();

    KeysCreateCommand(Runner runner, Terminal terminal) {
        super(runner, terminal);
    }

    @Override
    Operation<KeyData> operation(Workspace work) {
        return Operation.of(steps -> {
            KeyFolder folder = ring().first();
            folder.checkAbsent(name);
            byte[] typed = password.chosen(terminal);
            try {
                return KeyData.of(folder.create(name, typed));
            } finally {
                Arrays.fill(typed, (byte) 0);
            }
        });
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.field("public key", Lines.text(data, "publicKey"));
            lines.field("secret key", Lines.text(data, "secretFile"));
        }
    }
}
