package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.math.BigInteger;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version as applications compare it: {@code MAJOR.MINOR.PATCH[-PRE.RELEASE][+BUILD]} (Semantic Versioning 2.0.0).
 *
 * <p>A version with a pre-release is below the one without; what stands behind {@code +} does not count. The order is
 * that of {@link #compareTo}; equality is that of the text. <b>Threading:</b> immutable.
 *
 * @param major first number
 * @param minor second number
 * @param patch third number
 * @param prerelease identifiers behind {@code -}; empty for a release
 * @param build what stands behind {@code +}, or empty
 */
public record SemVer(BigInteger major, BigInteger minor, BigInteger patch, List<String> prerelease, String build)
        implements Comparable<SemVer> {

    private static final int MAX_LENGTH = 256;
    private static final String NUMBER = "(0|[1-9][0-9]*)";
    private static final String IDENTIFIER = "(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";
    private static final Pattern VERSION = Pattern.compile(NUMBER + "\\." + NUMBER + "\\." + NUMBER + "(?:-("
            + IDENTIFIER + "(?:\\." + IDENTIFIER + ")*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    /** Keeps its own copy. */
    public SemVer {
        prerelease = List.copyOf(prerelease);
    }

    /** Whether {@code text} is a version. */
    public static boolean isValid(String text) {
        return text.length() <= MAX_LENGTH && VERSION.matcher(text).matches();
    }

    /**
     * Reads a version.
     *
     * @throws EspalierException {@code ERR_INVALID_INPUT} when it is none
     */
    public static SemVer parse(String text) {
        Matcher parts = VERSION.matcher(text);
        if (text.length() > MAX_LENGTH || !parts.matches()) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "\"" + LinkText.shorten(text)
                            + "\" is no version: it is MAJOR.MINOR.PATCH, with -PRERELEASE or +BUILD"
                            + " behind it if need be.");
        }
        return new SemVer(
                new BigInteger(parts.group(1)),
                new BigInteger(parts.group(2)),
                new BigInteger(parts.group(3)),
                parts.group(4) == null ? List.of() : List.of(parts.group(4).split("\\.")),
                parts.group(5) == null ? "" : parts.group(5));
    }

    /** Below 0 when an application of this version updates to {@code other}. Build metadata does not count. */
    @Override
    public int compareTo(SemVer other) {
        int order = major.compareTo(other.major);
        if (order == 0) {
            order = minor.compareTo(other.minor);
        }
        if (order == 0) {
            order = patch.compareTo(other.patch);
        }
        if (order == 0) {
            order = Boolean.compare(prerelease.isEmpty(), other.prerelease.isEmpty());
        }
        for (int i = 0; order == 0 && i < prerelease.size() && i < other.prerelease.size(); i++) {
            order = compare(prerelease.get(i), other.prerelease.get(i));
        }
        return order != 0 ? order : Integer.compare(prerelease.size(), other.prerelease.size());
    }

    /** Numbers by their value and below words, words by their ASCII. */
    private static int compare(String one, String other) {
        boolean number = DIGITS.matcher(one).matches();
        if (number != DIGITS.matcher(other).matches()) {
            return number ? -1 : 1;
        }
        return number ? new BigInteger(one).compareTo(new BigInteger(other)) : one.compareTo(other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch
                + (prerelease.isEmpty() ? "" : "-" + String.join(".", prerelease))
                + (build.isEmpty() ? "" : "+" + build);
    }
}
