package dev.espalier.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.release.Changelog;
import dev.espalier.release.Info;
import dev.espalier.release.Link;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import dev.espalier.release.SizeText;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier info}. */
@Command(
        name = "info",
        description = {
            "Tell what a link leads to; the options select parts, none means all.",
            "Without a link: tell about this command and this machine."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier info pear://KEY",
            "  espalier info pear://KEY --peer HOST:4000 --json",
            "  espalier info pear://KEY --manifest",
            "  espalier info"
        })
final class InfoCommand extends OperationCommand {

    private static final Gson PRETTY = new GsonBuilder()
            .setPrettyPrinting()
            .serializeNulls()
            .disableHtmlEscaping()
            .create();

    @Parameters(index = "0", arity = "0..1", paramLabel = "LINK", description = "What to tell of.")
    @Nullable
    String link;

    @Option(names = "--metadata", description = "Names, versions, lengths.")
    boolean metadata;

    @Option(names = "--manifest", description = "The package.json.")
    boolean manifest;

    @Option(names = "--multisig", description = "Quorum and signers.")
    boolean multisig;

    @Option(names = "--key", description = "The key alone.")
    boolean key;

    @Option(names = "--changelog", hidden = true, description = "The newest changes, by the CHANGELOG.md.")
    boolean changelog;

    @Option(names = "--full-changelog", hidden = true, description = "All of the CHANGELOG.md.")
    boolean fullChangelog;

    @Option(names = "--changelog-max", hidden = true, paramLabel = "N", description = "Of how many versions.")
    @Nullable
    Integer changelogMax;

    @Mixin
    NetworkFlags network = new NetworkFlags();

    InfoCommand(Runner runner) {
        super(runner);
    }

    /** This command and this machine. */
    record Platform(String version, String java, String system, String arch, Path storage) {}

    @Override
    StoreUse storeUse() {
        if (link == null) {
            return StoreUse.NONE;
        }
        return network.isUsed() ? StoreUse.ANY : StoreUse.EXISTING;
    }

    @Override
    Operation<? extends Record> operation(Workspace work) {
        if (link == null) {
            return Operation.of(steps -> new Platform(
                    VersionCommand.version(),
                    System.getProperty("java.version", ""),
                    System.getProperty("os.name", ""),
                    System.getProperty("os.arch", ""),
                    work.storage()));
        }
        return Releases.of(work.store())
                .info(Link.parseDrive(link), new Info.Options(sections(), selection(), network.options(work)));
    }

    private Changelog.@Nullable Selection selection() {
        int max = changelogMax == null ? Changelog.DEFAULT_MAX : changelogMax;
        boolean any = changelog || fullChangelog || changelogMax != null;
        return any ? new Changelog.Selection(max, null, fullChangelog) : null;
    }

    private Set<Info.Section> sections() {
        Set<Info.Section> sections = EnumSet.noneOf(Info.Section.class);
        if (metadata) {
            sections.add(Info.Section.METADATA);
        }
        if (manifest) {
            sections.add(Info.Section.MANIFEST);
        }
        if (multisig) {
            sections.add(Info.Section.MULTISIG);
        }
        if (key) {
            sections.add(Info.Section.KEY);
        }
        return sections;
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "retrieving" -> {
                if (data.get("onlyShowKey").getAsBoolean()) {
                    lines.say(Lines.text(data, "z32"));
                }
            }
            case "empty" -> lines.say("Nothing was ever staged to it, or nobody told.");
            case "keys" -> {
                lines.field("key", Lines.text(data, "project"));
                lines.field("content key", data.get("content").isJsonNull() ? "unknown" : Lines.text(data, "content"));
                lines.field("discovery key", Lines.text(data, "discovery"));
            }
            case "info" -> metadata(data, lines);
            case "multisig" -> {
                lines.field("quorum", Lines.number(data, "quorum"));
                for (JsonElement signer : data.getAsJsonArray("publicKeys")) {
                    lines.field("signer", signer.getAsString());
                }
            }
            case "changelog" -> lines.block(Lines.text(data, "text"));
            case "manifest" -> lines.block(PRETTY.toJson(data.get("manifest")));
            case "final" -> {
                if (link == null) {
                    data.entrySet()
                            .forEach(member -> lines.field(
                                    member.getKey(), member.getValue().getAsString()));
                }
            }
            default -> {
                // Peers come and go; not what was asked.
            }
        }
    }

    private static void metadata(JsonObject data, Lines lines) {
        lines.field("link", Lines.text(data, "link"));
        lines.field("version link", Lines.text(data, "verlink"));
        for (String name : new String[] {"name", "productName", "version", "upgrade"}) {
            if (!Lines.text(data, name).isEmpty()) {
                lines.field(name, Lines.text(data, name));
            }
        }
        lines.field(
                "entries",
                Lines.count(Lines.number(data, "length"), "block") + ", "
                        + SizeText.of(Lines.number(data, "byteLength")) + ", fork " + Lines.number(data, "fork"));
        if (!data.get("blobs").isJsonNull()) {
            JsonObject blobs = data.getAsJsonObject("blobs");
            lines.field(
                    "files",
                    Lines.count(Lines.number(blobs, "length"), "block") + ", "
                            + SizeText.of(Lines.number(blobs, "byteLength")) + ", fork " + Lines.number(blobs, "fork"));
        }
    }
}
