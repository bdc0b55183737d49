package dev.espalier.release;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * D1: an application updates when the version rises, whatever else changed.
 *
 * @param before version that applications have; null when none is known
 * @param now version that they are offered; null when there is none
 * @param whose what {@code now} is the version of, to follow "the version": {@code in package.json}
 * @param where what {@code before} is, to follow "is not above 1.0.0,": {@code which is staged}
 * @param changed whether something else changed; else there is time to raise it
 */
record VersionNotRaised(@Nullable String before, @Nullable String now, String whose, String where, boolean changed)
        implements Detection {

    /** After a change. */
    public VersionNotRaised(@Nullable String before, @Nullable String now, String whose, String where) {
        this(before, now, whose, where, true);
    }

    @Override
    public List<Finding> findings() {
        if (before == null || now == null || !SemVer.isValid(before)) {
            return List.of();
        }
        if (SemVer.isValid(now) && SemVer.parse(now).compareTo(SemVer.parse(before)) > 0) {
            return List.of();
        }
        if (!changed) {
            return List.of(Finding.warning(
                            "D1",
                            "VERSION_NOT_RAISED",
                            "The version " + whose + ", " + LinkText.shorten(now) + ", is not above " + before + ", "
                                    + where + ".",
                            "Raise it before the next build.")
                    .typing("espalier set version patch"));
        }
        return List.of(Finding.failure(
                        "D1",
                        "VERSION_NOT_RAISED",
                        "No application will update: the version " + whose + ", " + LinkText.shorten(now)
                                + ", is not above " + before + ", " + where + ".",
                        "Raise the version, then make, build and stage again.")
                .typing("espalier set version patch"));
    }
}
