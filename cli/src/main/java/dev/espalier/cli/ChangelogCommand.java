package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Changelog;
import dev.espalier.release.Link;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier changelog}. */
@Command(
        name = "changelog",
        description = {
            "Tell what changed from version to version, as the CHANGELOG.md of a link says; one heading for each version.",
            "Without a link: of this command."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier changelog pear://KEY",
            "  espalier changelog pear://KEY --of '>=1.2.0 <1.4.0' --max 3",
            "  espalier changelog pear://0.12.KEY --full --peer HOST:4000",
            "  espalier changelog --full"
        })
final class ChangelogCommand extends OperationCommand {

    private static final String OWN = "CHANGELOG.md";

    @Parameters(index = "0", arity = "0..1", paramLabel = "LINK", description = "What to tell of.")
    @Nullable
    String link;

    @Option(
            names = {"-m", "--max"},
            paramLabel = "N",
            defaultValue = "" + Changelog.DEFAULT_MAX,
            description = "Of how many versions. Default: ${DEFAULT-VALUE}.")
    int max;

    @Option(
            names = "--of",
            paramLabel = "RANGE",
            description = "Of which versions: 1.x, ^1.2.0, '>=1.0.0 <1.4.0'. Default: of the newest major version.")
    @Nullable
    String of;

    @Option(names = "--full", description = "All of the file.")
    boolean full;

    @Mixin
    NetworkFlags network = new NetworkFlags();

    ChangelogCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        if (link == null) {
            return StoreUse.NONE;
        }
        return network.isUsed() ? StoreUse.ANY : StoreUse.EXISTING;
    }

    @Override
    Operation<Changelog.Result> operation(Workspace work) throws IOException {
        Changelog.Selection selection = new Changelog.Selection(max, of, full);
        return link == null
                ? Changelog.of(own(), selection)
                : Releases.of(work.store()).changelog(Link.parseDrive(link), selection, network.options(work));
    }

    private static String own() throws IOException {
        try (InputStream in = ChangelogCommand.class.getResourceAsStream(OWN)) {
            if (in == null) {
                throw new FileNotFoundException(OWN);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("changelog")) {
            lines.block(Lines.text(data, "text"));
            lines.say("");
        } else if (tag.equals("final") && Lines.number(data, "changes") == 0) {
            lines.say("[ No results ]");
        }
    }
}
