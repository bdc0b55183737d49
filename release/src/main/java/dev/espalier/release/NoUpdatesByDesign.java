package dev.espalier.release;

import java.util.List;

/**
 * D8: a build that is staged or provisioned to one link and updates from production is no mistake (R48).
 *
 * @param builds whose builds: {@code rc}
 * @param own link to which they are staged or provisioned
 * @param upgrade production, from which they update
 */
record NoUpdatesByDesign(String builds, Link own, Link upgrade) implements Detection {

    @Override
    public List<Finding> findings() {
        if (own.requireDrive().key().equals(upgrade.requireDrive().key())) {
            return List.of();
        }
        return List.of(Finding.note(
                "D8",
                "DISTRIBUTE_BY_HAND",
                "Builds of " + builds + " update from production, " + upgrade + ": that nothing happens when " + own
                        + " changes is as it should be.",
                "Hand each of these builds to those who test it; they update once it is production."));
    }
}
