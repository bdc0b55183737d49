package dev.espalier.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The measured steps do what they measure, and leave nothing. Judges no time. */
class StagingRoundsTest {

    @TempDir
    Path folder;

    @Test
    void aRoundStagesAndDumpsAllFiles() throws IOException {
        StagingRounds rounds = new StagingRounds(folder, 120, 5000);
        rounds.makeFiles();
        rounds.run();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(folder.resolve("source"));
        }
    }
}
