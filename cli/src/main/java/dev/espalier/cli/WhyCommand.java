package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Diagnosis;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import dev.espalier.release.Why;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier why}. */
@Command(
        name = "why",
        description = {
            "Say why an application did not update, or what a code of the multisig commands means.",
            "Looks at the link, at this store and at the peers that are named, and writes to no link. Exit status 1 when"
                    + " something stands in the way. docs/diagnosis.md explains each finding."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier why pear://KEY --peer HOST:4000",
            "  espalier why staging --installed 1.1.0 --host darwin-arm64 --peer HOST:4000",
            "  espalier why --build ../app-1.2.0",
            "  espalier why SOURCE_CORE_INSUFFICIENT_PEERS"
        })
final class WhyCommand extends OperationCommand {

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "LINK|LINE|CODE",
            description = "The link that the application updates from, a line of release, or a code. Default: the"
                    + " upgrade link in the package.json here.")
    @Nullable
    String subject;

    @Option(names = "--installed", paramLabel = "VERSION", description = "Version of the application that did not.")
    @Nullable
    String installed;

    @Option(
            names = "--host",
            paramLabel = "PLATFORM-ARCH",
            description = "Where it runs, as linux-x64 or darwin-arm64. Default: as this machine.")
    @Nullable
    String host;

    @Option(
            names = "--build",
            paramLabel = "DIR",
            description = "The deployment folder, to tell whether what is staged is what it holds.")
    @Nullable
    Path build;

    @Mixin
    SeederFlags seeders = new SeederFlags();

    @Mixin
    NetworkFlags network = new NetworkFlags();

    WhyCommand(Runner runner) {
        super(runner);
    }

    private boolean isCode() {
        return subject != null && Why.isCode(subject);
    }

    @Override
    StoreUse storeUse() {
        if (isCode()) {
            return StoreUse.NONE;
        }
        return network.isUsed() ? StoreUse.ANY : StoreUse.EXISTING;
    }

    /** It tells of them itself. */
    @Override
    boolean goesOnWithCommits() {
        return true;
    }

    @Override
    Operation<Diagnosis> operation(Workspace work) {
        if (subject != null && isCode()) {
            return Why.code(subject);
        }
        return Releases.of(work.store())
                .why(new Why.Options(
                        subject,
                        work.folder(),
                        installed,
                        host,
                        build == null ? null : work.resolve(build),
                        seeders.rule(),
                        network.options(work)));
    }

    @Override
    JsonObject conclude(JsonObject result) {
        return FindingLines.conclude(result);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "asking" -> {
                String line = Lines.text(data, "line");
                lines.say("Looking at %s%s", Lines.text(data, "link"), line.isEmpty() ? "" : ", the link of " + line);
            }
            case "offered" -> {
                lines.field("newest", Lines.text(data, "verlink"));
                for (String field : new String[] {"version", "upgrade"}) {
                    if (!Lines.text(data, field).isEmpty()) {
                        lines.field(field, Lines.text(data, field));
                    }
                }
            }
            case "finding" -> FindingLines.show(data, lines);
            case "final" -> {
                if (!isCode()) {
                    FindingLines.ended(data, lines);
                }
            }
            default -> {
                // Peers come and go; not what was asked.
            }
        }
    }
}
