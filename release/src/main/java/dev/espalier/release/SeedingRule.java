package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.time.Duration;

/**
 * When a log counts as well seeded (release specification §4.5).
 *
 * @param minPeers how many peers must have it, this machine not counted; 1 or more
 * @param timeout how long to wait for each thing that is missing
 */
public record SeedingRule(int minPeers, Duration timeout) {

    /** Two peers, five seconds. */
    public static final SeedingRule DEFAULT = new SeedingRule(2, Duration.ofSeconds(5));

    /** Checks the ranges. */
    public SeedingRule {
        if (minPeers < 1 || timeout.isNegative()) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT", "A log is well seeded by 1 peer or more, waited for 0 seconds or longer.");
        }
    }

    /** The same with another limit of time. */
    public SeedingRule withTimeout(Duration limit) {
        return new SeedingRule(minPeers, limit);
    }
}
