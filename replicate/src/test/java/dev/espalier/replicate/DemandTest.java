package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Blocks;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which blocks a peer claims, and what it has to be asked before. */
@SuppressWarnings("FutureReturnValueIgnored") // wishes are watched through the claims
class DemandTest {

    private static final long REGION = RemoteWants.MAX_LENGTH;

    @TempDir
    Path folder;

    private static final class Remote implements Demand.Claimant {

        final RemoteBlocks blocks = new RemoteBlocks(new PeerBudget());
        final List<Long> unknown = new ArrayList<>();

        @Override
        public RemoteBlocks remoteBlocks() {
            return blocks;
        }

        @Override
        public boolean lacksKnowledgeOf(long index) {
            unknown.add(index);
            return unknown.size() < 64;
        }

        @Override
        public long expectedNanos() {
            return 1;
        }

        @Override
        public void unneeded(Set<Long> indexes) {}
    }

    @Test
    void allRegionsOfAGapAreAskedForAndNoOthers() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            Demand demand = new Demand(log, () -> 0);
            Remote remote = new Remote();
            demand.blocks(Blocks.range(100, 3 * REGION));
            assertThat(demand.claim(remote, 10 * REGION)).isEqualTo(-1);
            assertThat(remote.unknown).containsExactly(100L, REGION, 2 * REGION);
            remote.unknown.clear();
            remote.blocks.range(2 * REGION + 5, 1, false);
            assertThat(demand.claim(remote, 10 * REGION)).isEqualTo(2 * REGION + 5);
        }
    }

    @Test
    void regionsInWhichNothingIsWantedAreNotAskedFor() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            Demand demand = new Demand(log, () -> 0);
            Remote remote = new Remote();
            demand.blocks(Blocks.of(7, 5 * REGION + 1));
            assertThat(demand.claim(remote, 10 * REGION)).isEqualTo(-1);
            assertThat(remote.unknown).containsExactly(7L, 5 * REGION + 1);
        }
    }

    @Test
    void aGapOfAnyLengthCostsAsMuchAsIsNoted() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            Demand demand = new Demand(log, () -> 0);
            Remote remote = new Remote();
            demand.blocks(Blocks.range(0, 1L << 52));
            assertThat(demand.claim(remote, 1L << 52)).isEqualTo(-1);
            assertThat(remote.unknown).hasSize(64);
        }
    }
}
