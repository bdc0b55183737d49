package dev.espalier.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProveABlockTest {

    /** Number of the request that is answered; the byte after discovery key and flags. Nothing follows from it. */
    private static final int REQUEST = 33;

    /** By how much the signer's tree was longer; peers read it only where the manifest allows such patches. */
    private static final int PATCH = 182;

    @Test
    void provesOneBlockWithFewBytes(@TempDir Path folder) {
        List<String> lines = Printed.by(ProveABlock::main, folder);

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).matches("\\d{3,4} bytes prove a block of a log of 14890 bytes");
        assertThat(lines.get(1)).isEqualTo("measurement 7");
    }

    @Test
    void noByteThatMeansAnythingCanBeChangedUnnoticed(@TempDir Path folder) {
        try (LogStore store = LogStore.open(folder)) {
            Log log = store.log("four");
            log.append(
                    List.of(UTF_8.encode("north"), UTF_8.encode("east"), UTF_8.encode("south"), UTF_8.encode("west")));
            byte[] message = ProveABlock.prove(log, 2);
            assertThat(ProveABlock.verify(log.key(), 2, message)).isEqualTo(UTF_8.encode("south"));
            assertThatThrownBy(() -> ProveABlock.verify(log.key(), 3, message))
                    .isInstanceOf(IllegalArgumentException.class);
            List<Integer> unnoticed = new ArrayList<>();
            for (int i = 0; i < message.length; i++) {
                byte[] changed = message.clone();
                changed[i] ^= 1;
                try {
                    ProveABlock.verify(log.key(), 2, changed);
                    unnoticed.add(i);
                } catch (EspalierException | IllegalArgumentException e) {
                    assertThat(e).hasMessageMatching("\\S.*\\S");
                }
            }
            assertThat(unnoticed).containsExactly(REQUEST, PATCH);
        }
    }
}
