package dev.espalier.cli;

import dev.espalier.merkle.EspalierException;
import dev.espalier.release.Link;
import dev.espalier.release.SeedingRule;
import dev.espalier.release.multisig.MultisigConfig;
import dev.espalier.release.multisig.SigningRequest;
import dev.espalier.release.multisig.SigningResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands on requests have in common: the configuration, the source, and how long to wait for seeders. */
final class MultisigFlags {

    private static final long MAX_TEXT = 1 << 20;

    /** Longer arguments are no names of files on any system. */
    private static final int MAX_NAME = 250;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "multisig.json",
            description = "The configuration: multisig.json or pear.json. Default: ${DEFAULT-VALUE}.")
    Path config = Path.of("multisig.json");

    @Option(
            names = "--source",
            paramLabel = "LINK",
            description = "The provision link, instead of the configuration's srcKey.")
    @Nullable
    String source;

    @Mixin
    SeederFlags seeders = new SeederFlags();

    /** The configuration, with the source that was named. */
    MultisigConfig config(Workspace work) {
        MultisigConfig read = MultisigConfig.read(work.resolve(config));
        return source == null
                ? read
                : read.withSource(Link.parseDrive(source).requireDrive().key());
    }

    /** When a log is well seeded. */
    SeedingRule rule() {
        return seeders.rule();
    }

    /** A request: its text, or a file that holds it. */
    static SigningRequest request(String given, UnaryOperator<Path> resolve) throws IOException {
        return parse(given, resolve, SigningRequest::parse);
    }

    /** Responses: their texts, or files that hold them. */
    static List<SigningResponse> responses(List<String> given, UnaryOperator<Path> resolve) throws IOException {
        List<SigningResponse> responses = new ArrayList<>();
        for (String one : given) {
            responses.add(parse(one, resolve, SigningResponse::parse));
        }
        return responses;
    }

    private static <T> T parse(String given, UnaryOperator<Path> resolve, Function<String, T> parser)
            throws IOException {
        Path file = file(given, resolve);
        try {
            return parser.apply(file == null ? given : Files.readString(file, StandardCharsets.UTF_8));
        } catch (EspalierException e) {
            // Of several arguments, which; and a mistyped name must not be taken for a bad text.
            String which = file == null && given.length() > MAX_NAME
                    ? ""
                    : given + (file == null ? ": there is no such file, and as text: " : ": ");
            throw new EspalierException(e.code(), which + e.getMessage(), e);
        }
    }

    /** The file of this name; null where it can only be text. */
    private static @Nullable Path file(String given, UnaryOperator<Path> resolve) throws IOException {
        if (given.length() <= MAX_NAME) {
            try {
                Path file = resolve.apply(Path.of(given));
                if (Files.isRegularFile(file) && Files.size(file) <= MAX_TEXT) {
                    return file;
                }
            } catch (InvalidPathException e) {
                // Then it is text.
            }
        }
        return null;
    }
}
