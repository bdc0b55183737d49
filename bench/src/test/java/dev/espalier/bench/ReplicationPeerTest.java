package dev.espalier.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.replicate.Replication;
import dev.espalier.replicate.ReplicationOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The measured peers do what they measure. Judges no time. */
class ReplicationPeerTest {

    @TempDir
    Path folder;

    @Test
    void aWholeLogIsFetched() {
        try (LogStore store = LogStore.open(folder.resolve("served"));
                Log log = store.log("replication");
                Replication server = Replication.listen(store, ReplicationPeer.loopback(0))) {
            ReplicationPeer.fill(log, 1500, 100);
            assertThat(log.length()).isEqualTo(1500);
            String line = ReplicationPeer.fetch(
                    ReplicationOptions.defaults(),
                    folder.resolve("fetched"),
                    server.address().getPort(),
                    log.key());
            assertThat(line).startsWith("1500 blocks, ").contains(" blocks/s, ", " MB/s, ");
        }
    }
}
