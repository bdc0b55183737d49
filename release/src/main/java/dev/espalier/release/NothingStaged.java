package dev.espalier.release;

import java.util.List;

/**
 * D1: a link without any version.
 *
 * @param link the link
 */
record NothingStaged(Link link) implements Detection {

    @Override
    public List<Finding> findings() {
        return List.of(Finding.failure(
                        "D1",
                        "NOTHING_STAGED",
                        "Nothing was ever staged to " + link + ", or nobody told.",
                        "Is it the link that was staged, provisioned or committed to?")
                .typing("espalier stage " + link + " DIR --dry-run"));
    }
}
