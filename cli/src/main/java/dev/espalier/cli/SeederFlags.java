package dev.espalier.cli;

import dev.espalier.merkle.EspalierException;
import dev.espalier.release.SeedingRule;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How long to wait for seeders. */
final class SeederFlags {

    @Option(
            names = "--peer-update-timeout",
            paramLabel = "MS",
            defaultValue = "5000",
            description = "Wait so long for each thing that seeders lack. Default: ${DEFAULT-VALUE}.")
    long peerUpdateTimeout;

    /** When a log is well seeded. */
    SeedingRule rule() {
        if (peerUpdateTimeout < 0 || peerUpdateTimeout > 1_000_000_000) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT", "--peer-update-timeout takes milliseconds from 0 to 1000000000.");
        }
        return SeedingRule.DEFAULT.withTimeout(Duration.ofMillis(peerUpdateTimeout));
    }
}
