package dev.espalier.drive;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Globs as {@link java.nio.file.FileSystem#getPathMatcher} describes them, as regular expressions. <b>Threading:</b>
 * stateless.
 */
final class Glob {

    private final String glob;
    private final StringBuilder regex = new StringBuilder();
    private int at;

    private Glob(String glob) {
        this.glob = glob;
    }

    static Pattern compile(String glob) {
        return new Glob(glob).compile();
    }

    private Pattern compile() {
        boolean inGroup = false;
        while (at < glob.length()) {
            char c = glob.charAt(at++);
            switch (c) {
                case '*' -> {
                    boolean two = at < glob.length() && glob.charAt(at) == '*';
                    at += two ? 1 : 0;
                    regex.append(two ? ".*" : "[^/]*");
                }
                case '?' -> regex.append("[^/]");
                case '[' -> brackets();
                case '\\' -> {
                    if (at == glob.length()) {
                        throw new PatternSyntaxException("nothing after the backslash", glob, at - 1);
                    }
                    literal();
                }
                case '{' -> {
                    if (inGroup) {
                        throw new PatternSyntaxException("a group inside a group", glob, at - 1);
                    }
                    inGroup = true;
                    regex.append("(?:(?:");
                }
                case '}' -> {
                    regex.append(inGroup ? "))" : "\\}");
                    inGroup = false;
                }
                case ',' -> regex.append(inGroup ? ")|(?:" : ",");
                default -> {
                    at--;
                    literal();
                }
            }
        }
        if (inGroup) {
            throw new PatternSyntaxException("the group has no end", glob, glob.length());
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    /** The next character, which stands for itself. */
    private void literal() {
        int point = glob.codePointAt(at);
        at += Character.charCount(point);
        regex.append(Pattern.quote(Character.toString(point)));
    }

    private void brackets() {
        int end = glob.indexOf(']', at + 1);
        if (end < 0) {
            throw new PatternSyntaxException("the bracket has no end", glob, at - 1);
        }
        String inside = glob.substring(at, end);
        boolean negated = inside.startsWith("!");
        String set = negated ? inside.substring(1) : inside;
        if (set.isEmpty() || set.indexOf('/') >= 0) {
            throw new PatternSyntaxException("no set of characters of a name", glob, at);
        }
        regex.append("(?!/)").append(negated ? "[^" : "[");
        for (int i = 0; i < set.length(); i++) {
            char c = set.charAt(i);
            boolean range = c == '-' && i > 0 && i < set.length() - 1;
            regex.append(range || Character.isLetterOrDigit(c) || Character.isSurrogate(c) ? "" : "\\")
                    .append(c);
        }
        regex.append(']');
        at = end + 1;
    }
}
