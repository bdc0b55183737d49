package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which paths {@code stage} leaves alone (release specification §3.3).
 *
 * <p>An item is a path, meaning itself and all below, or, with a {@code *}, a pattern anchored at the root: {@code *} is
 * one or more characters but no slash, the first {@code **} anything. A pattern means what is on disk now; a file that
 * is gone from disk is not ignored by it. {@code !item} takes back what others ignore, its parent folders included, and
 * always wins. The other marks that shells know ({@code ? [ ] { } ( )}) never worked and are refused.
 *
 * <p><b>Threading:</b> immutable.
 */
final class IgnoreRules implements Predicate<String> {

    private final Path root;
    private final List<String> paths = new ArrayList<>();
    private final List<Pattern> patterns = new ArrayList<>();
    private final List<String> kept = new ArrayList<>();
    private final Set<String> keptParents = new HashSet<>();

    private IgnoreRules(Path root) {
        this.root = root;
    }

    /** Rules for the folder {@code root}; empty items are passed over. */
    static IgnoreRules of(Path root, List<String> items) throws IOException {
        IgnoreRules rules = new IgnoreRules(root);
        for (String item : items) {
            if (item.startsWith("!")) {
                rules.keep(item.substring(1));
            } else if (isPattern(item)) {
                rules.patterns.add(compile(item));
            } else if (!strip(item).isEmpty()) {
                rules.paths.add(strip(item));
            }
        }
        return rules;
    }

    /** Whether nothing is ignored. */
    boolean isEmpty() {
        return paths.isEmpty() && patterns.isEmpty();
    }

    /** Whether {@code path}, a file or a folder as {@code /a/b}, is ignored. */
    @Override
    public boolean test(String path) {
        String plain = strip(path);
        if (keptParents.contains(plain) || kept.stream().anyMatch(item -> isAtOrBelow(plain, item))) {
            return false;
        }
        if (paths.stream().anyMatch(item -> isAtOrBelow(plain, item))) {
            return true;
        }
        return patterns.stream().anyMatch(pattern -> pattern.matcher(plain).matches())
                && Files.exists(root.resolve(plain), LinkOption.NOFOLLOW_LINKS);
    }

    private void keep(String item) throws IOException {
        if (!isPattern(item)) {
            addKept(strip(item));
            return;
        }
        Pattern pattern = compile(item);
        String literal = strip(item).substring(0, strip(item).indexOf('*'));
        Path from = root.resolve(literal.substring(0, literal.lastIndexOf('/') + 1));
        if (!Files.isDirectory(from)) {
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            files.map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .filter(path -> pattern.matcher(path).matches())
                    .forEach(this::addKept);
        }
    }

    private void addKept(String path) {
        if (path.isEmpty()) {
            return;
        }
        kept.add(path);
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            keptParents.add(path.substring(0, slash));
        }
    }

    private static boolean isPattern(String item) {
        for (char mark : "?[]{}()".toCharArray()) {
            if (item.indexOf(mark) >= 0) {
                throw new EspalierException(
                        "ERR_INVALID_INPUT",
                        "The ignore item \"" + item + "\" uses " + mark + "; only * and ** are known.");
            }
        }
        return item.indexOf('*') >= 0;
    }

    private static Pattern compile(String item) {
        String text = strip(item);
        StringBuilder regex = new StringBuilder();
        boolean anything = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean twice = c == '*' && i + 1 < text.length() && text.charAt(i + 1) == '*';
            if (twice && !anything) {
                regex.append(".*");
                anything = true;
                i++;
            } else if (c == '*') {
                regex.append("[^/]+");
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.append("(/.*)?").toString(), Pattern.DOTALL);
    }

    private static boolean isAtOrBelow(String path, String item) {
        return path.startsWith(item) && (path.length() == item.length() || path.charAt(item.length()) == '/');
    }

    private static String strip(String item) {
        int start = 0;
        int end = item.length();
        while (start < end && item.charAt(start) == '/') {
            start++;
        }
        while (end > start && item.charAt(end - 1) == '/') {
            end--;
        }
        return item.substring(start, end);
    }
}
