package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.Operation;
import dev.espalier.release.multisig.KeyFile;
import dev.espalier.release.multisig.KeyFolder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier multisig keys get}. */
@Command(
        name = "get",
        description = {
            "Print the public key of a name; make the key if there is none.",
            "--secret prints the secret key as it is on the disk, under its password."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier multisig keys get", "  espalier multisig keys get ann"})
final class KeysGetCommand extends KeysOperation {

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "NAME",
            defaultValue = KeyFolder.DEFAULT_NAME,
            description = "Its name. Default: ${DEFAULT-VALUE}.")
    String name = KeyFolder.DEFAULT_NAME;

    @Option(names = "--secret", description = "Print the encrypted secret key instead.")
    boolean secret;

    @Mixin
    PasswordFlags password = new PasswordFlags();

    KeysGetCommand(Runner runner, Terminal terminal) {
        super(runner, terminal);
    }

    /**
     * A key.
     *
     * @param name its name
     * @param publicKey its public key
     * @param secretKey the content of its file as text, if it was asked for
     * @param created whether it was made now
     */
    record Result(String name, Key publicKey, @Nullable String secretKey, boolean created) {}

    @Override
    Operation<Result> operation(Workspace work) {
        return Operation.of(steps -> {
            KeyFolder found = ring().find(name);
            KeyFolder folder = found == null ? ring().first() : found;
            if (found == null) {
                byte[] typed = password.chosen(terminal);
                try {
                    folder.create(name, typed);
                } finally {
                    Arrays.fill(typed, (byte) 0);
                }
            }
            Key publicKey = folder.get(name).publicKey();
            if (publicKey == null) {
                throw new EspalierException(
                        "ERR_NOT_FOUND",
                        "The secret key " + folder.secretFile(name) + " is of the old kind, which does not tell its"
                                + " public key, and " + folder.publicFile(name) + " is missing.");
            }
            String content = secret
                    ? new String(folder.secret(name).content(KeyFile.Encoding.TEXT), StandardCharsets.US_ASCII)
                    : null;
            return new Result(name, publicKey, content, found == null);
        });
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.say(Lines.text(data, secret ? "secretKey" : "publicKey"));
        }
    }
}
