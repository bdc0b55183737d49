package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.util.List;

/**
 * D3: something of a link cannot be had, neither here nor from the peers that were named.
 *
 * @param link the link
 * @param why how getting it failed
 */
record NotFetched(Link link, EspalierException why) implements Detection {

    @Override
    public List<Finding> findings() {
        return List.of(Finding.failure(
                        "D3",
                        "NOT_SEEDED",
                        String.valueOf(why.getMessage()),
                        "What cannot be fetched from here, applications cannot fetch either: see that it is seeded, on"
                                + " two machines or more that are always on.")
                .typing("espalier seed " + link + " --listen PORT"));
    }
}
