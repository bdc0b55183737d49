package dev.espalier.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.Event;
import dev.espalier.release.Link;
import dev.espalier.release.MultisigReview;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import dev.espalier.release.multisig.KeyFile;
import dev.espalier.release.multisig.KeyFolder;
import dev.espalier.release.multisig.MultisigConfig;
import dev.espalier.release.multisig.SecretKey;
import dev.espalier.release.multisig.SigningRequest;
import dev.espalier.release.multisig.SigningResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier multisig sign}. */
@Command(
        name = "sign",
        description = {
            "Show what a request would release, and sign it after a yes and the password.",
            "The provision link is fetched and compared with the request; its version, its upgrade link and what differs"
                    + " from production are shown. What fails a check is not signed. REQUEST is the text, or a file."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier multisig sign request.txt --peer HOST:4000",
            "  espalier multisig sign request.txt work --peer HOST:4000 --yes --password-fd 3 3<password-file",
            "  espalier multisig sign request.txt --offline"
        })
final class MultisigSignCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "REQUEST", description = "What to sign.")
    String request = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "NAME",
            defaultValue = KeyFolder.DEFAULT_NAME,
            description = "The key to sign with. Default: ${DEFAULT-VALUE}.")
    String name = KeyFolder.DEFAULT_NAME;

    @Option(names = "--offline", description = "Look at the request only. What it stands for is not checked.")
    boolean offline;

    @Option(names = "--force", description = "Do not ask for seeders.")
    boolean force;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    boolean yes;

    @Mixin
    KeyFlags keys = new KeyFlags();

    @Mixin
    PasswordFlags password = new PasswordFlags();

    @Mixin
    MultisigFlags multisig = new MultisigFlags();

    @Mixin
    NetworkFlags network = new NetworkFlags();

    private final Terminal terminal;

    MultisigSignCommand(Runner runner, Terminal terminal) {
        super(runner);
        this.terminal = terminal;
    }

    @Override
    StoreUse storeUse() {
        return offline ? StoreUse.NONE : StoreUse.ANY;
    }

    /** What can be found wrong at once is, before anything is fetched. */
    @Override
    void prepare(Consumer<Event> tell) throws IOException {
        if (!yes && !terminal.keyboard().isPresent()) {
            throw new EspalierException(
                    "ERR_NOT_CONFIRMED", "There is no terminal, so nobody to ask; say that it is meant with --yes.");
        }
        Key publicKey = keys.ring(terminal).require(name).get(name).publicKey();
        if (publicKey != null) {
            asked().signables(publicKey);
        }
    }

    private SigningRequest asked() throws IOException {
        return MultisigFlags.request(request, terminal::resolve);
    }

    @Override
    Operation<MultisigReview.Result> operation(Workspace work) throws IOException {
        SigningRequest asked = MultisigFlags.request(request, work::resolve);
        if (offline) {
            return MultisigReview.alone(asked);
        }
        MultisigReview.Options options =
                new MultisigReview.Options(source(work, asked), force, multisig.rule(), network.options(work));
        return Releases.of(work.store()).multisigReview(asked, options);
    }

    /** The source as the configuration says, or, where a signer has none, as it was named. */
    private Key source(Workspace work, SigningRequest asked) {
        String named = multisig.source;
        Path file = work.resolve(multisig.config);
        if (Files.exists(file)) {
            MultisigConfig config = multisig.config(work);
            config.requireSame(asked);
            if (config.source() != null) {
                return config.source();
            }
        } else if (named != null) {
            return Link.parseDrive(named).requireDrive().key();
        }
        throw new EspalierException(
                "ERR_INVALID_INPUT",
                "Nothing in " + file + " says what the source is; name it with --source LINK, or sign blindly with"
                        + " --offline.");
    }

    /** Signs; here, where the key and whoever knows its password are. */
    @Override
    JsonObject conclude(JsonObject reviewed) throws IOException {
        KeyFolder folder = keys.ring(terminal).require(name);
        KeyFile file = folder.secret(name);
        if (!yes) {
            Confirmation.require(
                    terminal, "Sign this with " + folder.secretFile(name) + "?", "say that it is meant with --yes");
        }
        byte[] typed = password.known(terminal, name);
        try (SecretKey key = file.unlock(typed)) {
            SigningResponse response = SigningResponse.sign(asked(), key);
            JsonObject signed = new JsonObject();
            signed.addProperty("response", response.toString());
            signed.addProperty("publicKey", key.publicKey().toString());
            reviewed.entrySet().forEach(member -> signed.add(member.getKey(), member.getValue()));
            return signed;
        } finally {
            Arrays.fill(typed, (byte) 0);
        }
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        // The response goes to standard output, what is shown goes beside it, so that the output can be a file.
        if (tag.equals("final")) {
            lines.say(Lines.text(data, "response"));
        }
    }

    @Override
    void note(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "request" -> {
                lines.field("production", Lines.text(data, "target"));
                lines.field("length", Lines.number(data, "length") + ", fork " + Lines.number(data, "fork"));
                lines.field("tree hash", Lines.text(data, "treeHash"));
                if (!Lines.text(data, "blobsTreeHash").isEmpty()) {
                    lines.field("blobs", "length " + Lines.number(data, "blobsLength"));
                    lines.field("", Lines.text(data, "blobsTreeHash"));
                }
                lines.field("quorum", Lines.number(data, "quorum") + " of");
                for (JsonElement signer : data.getAsJsonArray("signers")) {
                    lines.field("", signer.getAsString());
                }
                if (offline) {
                    lines.say("Not looked at: what these hashes stand for.");
                }
            }
            case "source" -> {
                lines.say("The source has these tree hashes.");
                lines.field("source", Lines.text(data, "source"));
                lines.field("out now", Lines.text(data, "production"));
                String before = Lines.text(data, "previousVersion");
                lines.field("version", (before.isEmpty() ? "" : before + " -> ") + orNone(Lines.text(data, "version")));
                lines.field("upgrade", orNone(Lines.text(data, "upgrade")));
            }
            case "byte-diff" -> lines.diff(data);
            default -> {
                // Peers are of no interest here.
            }
        }
    }

    private static String orNone(String text) {
        return text.isEmpty() ? "(none)" : text;
    }
}
