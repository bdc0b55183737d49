package dev.espalier.release;

import java.util.ArrayList;
import java.util.List;

/**
 * R47: how lines of release hang together: rc is provisioned to prerelease, and that is signed and becomes production, so
 * builds of all three update from production.
 *
 * @param lines all lines
 */
record LineRules(ReleaseLines lines) implements Detection {

    @Override
    public List<Finding> findings() {
        List<Finding> found = new ArrayList<>();
        ReleaseLine production = lines.find("production");
        ReleaseLine rc = lines.find("rc");
        ReleaseLine prerelease = lines.find("prerelease");
        if (production != null) {
            for (ReleaseLine line : lines.all()) {
                boolean feeds = line == rc || line == prerelease || line == production;
                if (feeds && !same(line.upgrade(), production.link())) {
                    found.add(Finding.warning(
                                    "R47",
                                    "OTHER_UPGRADE_LINK",
                                    "Builds of " + line.name() + " are said to update from " + line.upgrade()
                                            + ", not from production: signed like this, applications of production"
                                            + " would update from there.",
                                    "Once there is a production link, it is the upgrade link of rc, prerelease and"
                                            + " production.")
                            .typing("espalier lines set " + line.name() + " " + line.link() + " --upgrade "
                                    + production.link()));
                }
            }
        } else if (rc != null && prerelease != null && !same(rc.upgrade(), prerelease.upgrade())) {
            found.add(Finding.warning(
                    "R47",
                    "OTHER_UPGRADE_LINK",
                    "Builds of prerelease are said to update from " + prerelease.upgrade() + ", and what is provisioned"
                            + " from rc updates from " + rc.upgrade() + ".",
                    "A provision is a copy: give both the same upgrade link."));
        }
        List<String> missing = new ArrayList<>();
        for (String name : List.of("rc", "prerelease", "production")) {
            if (lines.find(name) == null) {
                missing.add(name);
            }
        }
        if (!lines.isEmpty() && !missing.isEmpty()) {
            found.add(Finding.note(
                    "R47",
                    "MISSING_LINE",
                    "There is no line " + String.join(", ", missing) + ".",
                    "A production that people rely on takes rc, prerelease and production; staging beside them lets"
                            + " updates be tried first."));
        }
        return found;
    }

    private static boolean same(Link one, Link other) {
        return one.requireDrive().key().equals(other.requireDrive().key());
    }
}
