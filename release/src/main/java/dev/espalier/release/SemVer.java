package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.math.BigInteger;
import java.util.ArrayList;
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

    /** How a version is raised. */
    public enum Step {
        /** To the next {@code MAJOR.0.0}. */
        MAJOR,
        /** To the next {@code MAJOR.MINOR.0}. */
        MINOR,
        /** To the next {@code MAJOR.MINOR.PATCH}. */
        PATCH,
        /** To the first version before the next major one. */
        PREMAJOR,
        /** To the first version before the next minor one. */
        PREMINOR,
        /** To the first version before the next patch. */
        PREPATCH,
        /** To the next version before the same release, or the first before the next patch. */
        PRERELEASE
    }

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

    /**
     * The next version, as npm raises it. The release that a pre-release comes before is not yet made: {@code 2.0.0-1} is
     * raised to {@code 2.0.0} by {@link Step#MAJOR}, {@link Step#MINOR} and {@link Step#PATCH}. Build metadata goes.
     */
    public SemVer raised(Step step) {
        boolean release = prerelease.isEmpty();
        boolean wholeMinor = patch.signum() == 0;
        boolean wholeMajor = wholeMinor && minor.signum() == 0;
        return switch (step) {
            case MAJOR -> of(wholeMajor && !release ? major : next(major), BigInteger.ZERO, BigInteger.ZERO);
            case MINOR -> of(major, wholeMinor && !release ? minor : next(minor), BigInteger.ZERO);
            case PATCH -> of(major, minor, release ? next(patch) : patch);
            case PREMAJOR -> of(next(major), BigInteger.ZERO, BigInteger.ZERO).with(List.of("0"));
            case PREMINOR -> of(major, next(minor), BigInteger.ZERO).with(List.of("0"));
            case PREPATCH -> of(major, minor, next(patch)).with(List.of("0"));
            case PRERELEASE -> release ? of(major, minor, next(patch)).with(List.of("0")) : with(raisedIdentifiers());
        };
    }

    private static SemVer of(BigInteger major, BigInteger minor, BigInteger patch) {
        return new SemVer(major, minor, patch, List.of(), "");
    }

    private SemVer with(List<String> identifiers) {
        return new SemVer(major, minor, patch, identifiers, "");
    }

    private static BigInteger next(BigInteger number) {
        return number.add(BigInteger.ONE);
    }

    /** The last number one higher; where there is none, a 0 more. */
    private List<String> raisedIdentifiers() {
        List<String> raised = new ArrayList<>(prerelease);
        for (int i = raised.size() - 1; i >= 0; i--) {
            if (DIGITS.matcher(raised.get(i)).matches()) {
                raised.set(i, next(new BigInteger(raised.get(i))).toString());
                return raised;
            }
        }
        raised.add("0");
        return raised;
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
