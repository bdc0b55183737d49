package dev.espalier.release;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.node.Block;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;
import org.jspecify.annotations.Nullable;
import org.semver4j.Semver;

/**
 * Cuts a change log in Markdown into what it says of each version: from a heading that names one to the next heading of that
 * rank or above, such as {@code ## [1.2.0] - 2026-01-31} or {@code # v1.2.0}. What stands before the first, and under other
 * headings such as {@code Unreleased}, is of no version.
 *
 * <p><b>Threading:</b> stateless.
 */
final class ChangelogText {

    private static final Pattern VERSION =
            Pattern.compile("(?<![0-9A-Za-z.])[vV]?([0-9]+\\.[0-9]+\\.[0-9]+(?:-[0-9A-Za-z.-]*[0-9A-Za-z])?"
                    + "(?:\\+[0-9A-Za-z.-]*[0-9A-Za-z])?)(?![0-9A-Za-z])");

    private static final Parser PARSER = Parser.builder()
            .enabledBlockTypes(Set.of(Heading.class, FencedCodeBlock.class))
            .includeSourceSpans(IncludeSourceSpans.BLOCKS)
            .build();

    private ChangelogText() {}

    /** What it says of a version; the text begins with the heading. */
    record Section(Semver version, String text) {}

    /** A heading: its rank, 1 to 6, its line, from 0, and the version it names. */
    private record Mark(int rank, int line, @Nullable Semver version) {}

    /** In the order of the text. */
    static List<Section> sections(String markdown) {
        List<String> lines = markdown.lines().toList();
        List<Mark> marks = marks(String.join("\n", lines), lines);
        List<Section> sections = new ArrayList<>();
        for (int i = 0; i < marks.size(); i++) {
            Mark mark = marks.get(i);
            if (mark.version() == null) {
                continue;
            }
            int end = lines.size();
            for (int j = i + 1; j < marks.size() && end == lines.size(); j++) {
                if (marks.get(j).rank() <= mark.rank()) {
                    end = marks.get(j).line();
                }
            }
            String text = String.join("\n", lines.subList(mark.line(), end)).strip();
            sections.add(new Section(mark.version(), text));
        }
        return sections;
    }

    private static List<Mark> marks(String markdown, List<String> lines) {
        List<Mark> marks = new ArrayList<>();
        for (Node node = PARSER.parse(markdown).getFirstChild(); node != null; node = node.getNext()) {
            if (node instanceof Heading heading) {
                int line = line(heading);
                marks.add(new Mark(heading.getLevel(), line, version(lines.get(line))));
            }
        }
        return marks;
    }

    private static int line(Block block) {
        return block.getSourceSpans().get(0).getLineIndex();
    }

    /** The first version that a heading names; null for none. */
    private static @Nullable Semver version(String heading) {
        Matcher found = VERSION.matcher(heading);
        return found.find() ? Semver.parse(found.group(1)) : null;
    }
}
