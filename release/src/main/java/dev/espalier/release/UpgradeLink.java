package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * D2: each build has one upgrade link, that of the line it was made for (R49).
 *
 * @param upgrade of the package.json; null when it does not say
 * @param expected the link that it should be; null when that is not known
 * @param reason why, to follow the expected link: {@code from which builds of rc update}
 * @param certain whether it is wrong to have another one; else it may be meant
 * @param lines all lines; one of them must have this upgrade link when it is not known which one it should be
 */
record UpgradeLink(
        @Nullable String upgrade, @Nullable Link expected, String reason, boolean certain, ReleaseLines lines)
        implements Detection {

    /** Any that the builds of a line have. */
    public static UpgradeLink of(@Nullable String upgrade, ReleaseLines lines) {
        return new UpgradeLink(upgrade, null, "", false, lines);
    }

    /** That of the builds of this line. */
    public static UpgradeLink of(@Nullable String upgrade, ReleaseLine line, ReleaseLines lines) {
        return new UpgradeLink(upgrade, line.upgrade(), "from which builds of " + line.name() + " update", true, lines);
    }

    @Override
    public List<Finding> findings() {
        if (upgrade == null) {
            return List.of(Finding.failure(
                            "D2",
                            "NO_UPGRADE_LINK",
                            "The package.json has no upgrade link: an application made with it never updates.",
                            "Set the link of the line that the build is for.")
                    .typing("espalier set upgrade " + (expected == null ? "LINK" : expected)));
        }
        Key key;
        try {
            key = Link.parseDrive(upgrade).requireDrive().key();
        } catch (EspalierException e) {
            return List.of(Finding.failure(
                            "D2",
                            "INVALID_UPGRADE_LINK",
                            "The upgrade link in package.json is none: " + e.getMessage() + ".",
                            "Set the link of the line that the build is for.")
                    .typing("espalier set upgrade " + (expected == null ? "LINK" : expected)));
        }
        Link found = Link.of(key);
        if (expected != null && !expected.requireDrive().key().equals(key)) {
            Finding.Severity severity = certain ? Finding.Severity.FAILURE : Finding.Severity.WARNING;
            return List.of(Finding.failure(
                            "D2",
                            "OTHER_UPGRADE_LINK",
                            "The package.json upgrades from " + found + lines.naming(found) + ", not from " + expected
                                    + ", " + reason + ".",
                            "Set it, raise the version, then make, build and stage again.")
                    .typing("espalier set upgrade " + expected)
                    .as(severity));
        }
        if (expected == null && !lines.isEmpty() && lines.updatingFrom(found).isEmpty()) {
            return List.of(Finding.warning(
                    "D2",
                    "OTHER_UPGRADE_LINK",
                    "The package.json upgrades from " + found + ", from which builds of no line update.",
                    "Set the upgrade link of a line, or add the line: espalier lines set NAME LINK."));
        }
        return List.of();
    }
}
