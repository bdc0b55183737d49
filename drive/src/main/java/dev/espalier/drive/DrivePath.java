package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Paths in a tree (drive specification §3.2): {@code /} between segments, no Unicode normalisation, compared by their
 * UTF-8 bytes. <b>Threading:</b> stateless.
 */
public final class DrivePath {

    private DrivePath() {}

    /**
     * The path of a file: begins with {@code /}, has no empty, {@code .} or {@code ..} segment.
     *
     * @throws EspalierException {@code ERR_INVALID_INPUT} when it leads above the root or is the root
     */
    public static String normalize(String path) {
        String normal = join(segments(path));
        if (normal.isEmpty()) {
            throw Failures.invalidInput("Invalid filename: / (from \"" + path + "\").");
        }
        return normal;
    }

    /** The path of a folder, the same but without the slash when it is the root: what its entries begin with. */
    static String folder(String path) {
        return join(segments(path));
    }

    /** The path that {@code target} means at {@code base}, which is taken as a folder. */
    static String resolve(String base, String target) {
        Parsed parsed = Parsed.of(target);
        List<String> segments = new ArrayList<>();
        if (!parsed.absolute) {
            descend(segments, Parsed.of(base).names, base);
        }
        descend(segments, parsed.names, target);
        return join(segments);
    }

    /** The segments of a path; none for the root. */
    static List<String> segments(String path) {
        List<String> segments = new ArrayList<>();
        descend(segments, Parsed.of(path).names, path);
        return segments;
    }

    private static void descend(List<String> segments, List<String> names, String path) {
        for (String name : names) {
            switch (name) {
                case "", "." -> {}
                case ".." -> {
                    if (segments.isEmpty()) {
                        throw Failures.invalidInput("Path cannot be resolved, too many '..': \"" + path + "\".");
                    }
                    segments.remove(segments.size() - 1);
                }
                default -> segments.add(name);
            }
        }
    }

    private static String join(List<String> segments) {
        return segments.isEmpty() ? "" : "/" + String.join("/", segments);
    }

    /** Compares paths as their UTF-8 bytes compare, without making them. */
    static int compare(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char one = a.charAt(i);
            char other = b.charAt(i);
            if (one != other) {
                // Pairs of surrogates mean what comes after all single characters.
                boolean pairs = Character.isSurrogate(one) != Character.isSurrogate(other);
                return pairs ? (Character.isSurrogate(one) ? 1 : -1) : one - other;
            }
        }
        return a.length() - b.length();
    }

    /** UTF-8 as JavaScript makes it: half a surrogate pair becomes U+FFFD. */
    static byte[] utf8(String text) {
        return (hasLoneSurrogate(text) ? replaceLoneSurrogates(text) : text).getBytes(StandardCharsets.UTF_8);
    }

    private static boolean hasLoneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSurrogatePair(text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 0)) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    private static String replaceLoneSurrogates(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints()
                .map(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? 0xfffd : point)
                .forEach(out::appendCodePoint);
        return out.toString();
    }

    /** A path cut at its separators, of either kind. */
    private record Parsed(boolean absolute, List<String> names) {

        static Parsed of(String path) {
            List<String> names = Arrays.asList(path.replace('\\', '/').split("/", -1));
            String first = names.get(0);
            if (names.size() > 1 && first.endsWith(":")) {
                // A drive letter or "file:" is one segment, "scheme://host" three.
                int dropped = first.length() == 2 || first.equals("file:") ? 1 : Math.min(3, names.size());
                return new Parsed(true, names.subList(dropped, names.size()));
            }
            return new Parsed(first.isEmpty() && names.size() > 1, names);
        }
    }
}
