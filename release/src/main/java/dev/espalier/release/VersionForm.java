package dev.espalier.release;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * R9: a version that applications can compare, and that {@code provision} takes.
 *
 * @param version of the package.json; null when it does not say
 */
record VersionForm(@Nullable String version) implements Detection {

    @Override
    public List<Finding> findings() {
        if (version == null || !SemVer.isValid(version)) {
            return List.of(Finding.failure(
                            "R9",
                            "INVALID_VERSION",
                            version == null
                                    ? "The package.json has no version."
                                    : "The version in package.json, " + LinkText.shorten(version)
                                            + ", is not MAJOR.MINOR.PATCH.",
                            "Applications compare versions: set one.")
                    .typing("espalier set version 1.0.0"));
        }
        SemVer parsed = SemVer.parse(version);
        if (parsed.prerelease().isEmpty() && parsed.build().isEmpty()) {
            return List.of();
        }
        return List.of(Finding.warning(
                        "R9",
                        "PRERELEASE_VERSION",
                        "The version " + version + " can be staged, but provision takes MAJOR.MINOR.PATCH alone.",
                        "Before it is provisioned, make it a release.")
                .typing("espalier set version patch"));
    }
}
