package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;
import org.semver4j.range.RangeListFactory;

/** Tells what changed from version to version, as the {@code CHANGELOG.md} of a drive says (release specification §3.5). */
public final class Changelog {

    /** How many versions are told of unless it is said. */
    public static final int DEFAULT_MAX = 10;

    private static final String PATH = "/CHANGELOG.md";

    private Changelog() {}

    /**
     * What to tell.
     *
     * @param max of how many versions, the first in the file; 1 or more
     * @param of of which, a range as npm has them, such as {@code ^1.2.0}; null for those of the newest major version
     * @param full all of the file instead
     */
    public record Selection(int max, @Nullable String of, boolean full) {

        /** Checks the number. */
        public Selection {
            if (max < 1) {
                throw new EspalierException("ERR_INVALID_INPUT", "--max takes 1 or more.");
            }
        }

        /** The newest major version. */
        public static Selection recent(int max) {
            return new Selection(max, null, false);
        }
    }

    /**
     * What changed.
     *
     * @param version with which version; null for all of the file
     * @param text Markdown
     */
    public record Change(@Nullable String version, String text) implements Event {
        @Override
        public String tag() {
            return "changelog";
        }
    }

    /**
     * What was told.
     *
     * @param link the version of the drive that was read; null when it was none
     * @param changes number of {@code changelog} events
     */
    public record Result(@Nullable Link link, long changes) {}

    /** That of a text. */
    public static Operation<Result> of(String markdown, Selection selection) {
        return Operation.of(steps -> new Result(null, tell(markdown, selection, steps)));
    }

    static Result run(LogStore store, Link link, Selection selection, NetworkOptions options, Steps steps)
            throws IOException {
        Key key = link.requireDrive().key();
        Network.requireSomebody(store, key, options);
        try (Drive drive = Drive.open(store, key);
                Network network = Network.open(steps, store, options)) {
            long version = LinkVersion.learn(link, null, drive, network, steps);
            if (!options.timeout().isZero()) {
                drive.blockTimeout(options.timeout());
            }
            String text = SmallFile.text(drive.checkout(version), PATH);
            if (text == null) {
                throw new EspalierException("ERR_NOT_FOUND", "There is no " + PATH + " in " + link + ".");
            }
            return new Result(Link.of(key, drive.fork(), version), tell(text, selection, steps));
        }
    }

    /** Tells of a file of a drive if it has one and it can be had. */
    static void tellOf(Drive drive, Selection selection, Steps steps) throws IOException {
        String text = SmallFile.text(drive, PATH);
        if (text != null) {
            tell(text, selection, steps);
        }
    }

    /** Returns the number of events. */
    private static long tell(String markdown, Selection selection, Steps steps) {
        if (selection.full()) {
            steps.emit(new Change(null, markdown));
            return 1;
        }
        List<ChangelogText.Section> sections = ChangelogText.sections(markdown);
        Predicate<Semver> wanted = wanted(selection.of(), sections);
        List<ChangelogText.Section> chosen = sections.stream()
                .filter(section -> wanted.test(section.version()))
                .limit(selection.max())
                .toList();
        chosen.forEach(section -> steps.emit(new Change(section.version().getVersion(), section.text())));
        return chosen.size();
    }

    private static Predicate<Semver> wanted(@Nullable String of, List<ChangelogText.Section> sections) {
        if (of != null) {
            RangeList range = range(of);
            return version -> version.satisfies(range);
        }
        int newest = sections.stream()
                .map(ChangelogText.Section::version)
                .max(Comparator.naturalOrder())
                .map(Semver::getMajor)
                .orElse(0);
        return version -> version.getMajor() == newest;
    }

    private static RangeList range(String text) {
        RangeList range = null;
        try {
            range = RangeListFactory.create(text);
        } catch (NumberFormatException e) {
            // Numbers beyond an int.
        }
        if (range == null || range.get().isEmpty()) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "\"" + LinkText.shorten(text)
                            + "\" is no range of versions; ^1.2.0 is one, or 1.x, or >=1.0.0 <2.0.0.");
        }
        return range;
    }
}
