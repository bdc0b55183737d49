package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.Operation;
import dev.espalier.release.multisig.KeyFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code espalier multisig keys add}. */
@Command(
        name = "add",
        description = {
            "Add a key that was made elsewhere: the public key of somebody else, or your own with its secret key, which stays"
                    + " under its password.",
            "Each is given as text or as a file."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier multisig keys add ann n86xo1c...",
            "  espalier multisig keys add work ./default.public ./default"
        })
final class KeysAddCommand extends KeysOperation {

    private static final int MAX_FILE = 4096;

    @Parameters(index = "0", paramLabel = "NAME", description = "Its name.")
    String name = "";

    @Parameters(index = "1", paramLabel = "PUBLIC", description = "The public key: text, or a file.")
    String publicKey = "";

    @Parameters(index = "2", arity = "0..1", paramLabel = "SECRET", description = "The secret key: text, or a file.")
    @Nullable
    String secretKey;

    KeysAddCommand(Runner runner, Terminal terminal) {
        super(runner, terminal);
    }

    @Override
    Operation<KeyData> operation(Workspace work) {
        return Operation.of(steps -> {
            Key key = KeyFile.readPublicKey(content(publicKey));
            KeyFile secret = secretKey == null ? null : KeyFile.read(content(secretKey));
            return KeyData.of(ring().first().add(name, key, secret));
        });
    }

    private byte[] content(String given) throws IOException {
        try {
            Path file = terminal.resolve(Path.of(given));
            if (Files.isRegularFile(file)) {
                try (var in = Files.newInputStream(file)) {
                    return in.readNBytes(MAX_FILE);
                }
            }
        } catch (InvalidPathException e) {
            // Then it is text.
        }
        if (given.contains("/") || given.contains(".")) {
            throw new EspalierException("ERR_NOT_FOUND", "There is no file " + given + ", and it is no key either.");
        }
        return given.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.field("public key", Lines.text(data, "publicKey"));
            if (!Lines.text(data, "secretFile").isEmpty()) {
                lines.field("secret key", Lines.text(data, "secretFile"));
            }
        }
    }
}
