package dev.espalier.release;

import com.google.gson.annotations.SerializedName;
import dev.espalier.merkle.EspalierException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A stream of releases at one level of stability (release specification §7).
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param name {@code development}, {@code staging}, {@code rc}, {@code prerelease}, {@code production}, or any other
 * @param link where its releases are
 * @param upgrade link in the package.json of its builds, from which they update
 * @param kind how its releases are made
 */
public record ReleaseLine(String name, Link link, Link upgrade, Kind kind) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,40}");

    /** How the releases of a line are made. */
    public enum Kind {
        /** By {@code stage}, where the link was made. */
        @SerializedName("stage")
        STAGE,
        /** By {@code provision}, where the link was made. */
        @SerializedName("provision")
        PROVISION,
        /** By several signers. */
        @SerializedName("multisig")
        MULTISIG;

        /** What it is when nobody says: prerelease is provisioned, production signed, all others staged. */
        static Kind of(String name) {
            return switch (name) {
                case "prerelease" -> PROVISION;
                case "production" -> MULTISIG;
                default -> STAGE;
            };
        }

        /** The kind of this word; null when it is none. */
        static @Nullable Kind parse(String word) {
            for (Kind kind : values()) {
                if (kind.word().equals(word)) {
                    return kind;
                }
            }
            return null;
        }

        /** As it is written. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Checks name and links.
     *
     * @throws EspalierException {@code ERR_INVALID_CONFIG}, {@code ERR_INVALID_LINK}
     */
    public ReleaseLine {
        if (!isName(name)) {
            throw new EspalierException(
                    "ERR_INVALID_CONFIG",
                    "\"" + LinkText.shorten(name)
                            + "\" is no name of a line: it is up to 40 letters, digits, _ and -.");
        }
        link = plain("link", name, link);
        upgrade = plain("upgrade", name, upgrade);
        if (kind == Kind.MULTISIG && !link.equals(upgrade)) {
            throw new EspalierException(
                    "ERR_INVALID_CONFIG",
                    "Builds of the line " + name + ", which is signed by several, can only update from it.");
        }
    }

    /** Whether a text can be the name of a line; keys are longer. */
    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    private static Link plain(String what, String name, Link link) {
        Link.DrivePart drive = link.requireDrive();
        boolean part = !link.path().isEmpty()
                || !link.search().isEmpty()
                || !link.fragment().isEmpty();
        if (part || drive.version() != null || drive.treeHash() != null) {
            throw new EspalierException(
                    "ERR_INVALID_LINK",
                    "The " + what + " of the line " + name + " must be of the whole drive: " + Link.of(drive.key())
                            + ".");
        }
        return Link.of(drive.key());
    }
}
