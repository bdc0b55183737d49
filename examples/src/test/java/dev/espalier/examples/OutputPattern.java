package dev.espalier.examples;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Output as documentation shows it: {@code …} stands for anything within a line, a line of nothing but {@code …} for any
 * number of lines. Everything else is meant as it is; spaces at the end of a line do not count.
 */
final class OutputPattern {

    private static final String ANYTHING = "…";

    private final Pattern pattern;

    OutputPattern(List<String> lines) {
        StringBuilder regex = new StringBuilder();
        for (String line : lines) {
            if (line.strip().equals(ANYTHING)) {
                regex.append("(?:[^\n]*\n)*?");
            } else {
                for (String part : line.stripTrailing().split("(?<=…)|(?=…)", -1)) {
                    regex.append(part.equals(ANYTHING) ? "[^\n]+?" : Pattern.quote(part));
                }
                regex.append("[ \t]*\n");
            }
        }
        pattern = Pattern.compile(regex.toString());
    }

    /** Whether these lines, and no others, were shown. */
    boolean matches(List<String> actual) {
        return pattern.matcher(joined(actual)).matches();
    }

    /** Whether these lines come first; what follows does not matter. */
    boolean matchesBeginOf(List<String> actual) {
        return pattern.matcher(joined(actual)).lookingAt();
    }

    private static String joined(List<String> lines) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(line).append('\n');
        }
        return text.toString();
    }
}
