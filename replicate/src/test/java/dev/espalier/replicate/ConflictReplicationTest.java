package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.Log;
import dev.espalier.log.LogListener;
import dev.espalier.log.LogStore;
import dev.espalier.log.StoreOptions;
import dev.espalier.merkle.Conflict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two writers of one key meet. */
@Timeout(60)
class ConflictReplicationTest {

    private static final StoreOptions SAME_KEY = StoreOptions.defaults().withPrimaryKey(new byte[32]);

    @TempDir
    Path folder;

    private static CompletableFuture<Conflict> heard(Log log) {
        CompletableFuture<Conflict> heard = new CompletableFuture<>();
        log.listen(new LogListener() {
            @Override
            public void conflict(Log changed, Conflict conflict) {
                heard.complete(conflict);
            }
        });
        return heard;
    }

    @Test
    void bothWritersAndTheirReaderFreezeTheLogAndKeepTheEvidence() throws Exception {
        try (LogStore one = LogStore.open(folder.resolve("one"), SAME_KEY);
                LogStore two = LogStore.open(folder.resolve("two"), SAME_KEY);
                LogStore reading = LogStore.open(folder.resolve("reading"));
                Log first = one.log("log");
                Log second = two.log("log");
                Log reader = reading.log(first.key())) {
            TestBlocks.append(first, 3, 10);
            second.append(new byte[] {1});
            TestBlocks.append(second, 6, 10);
            CompletableFuture<Conflict> atFirst = heard(first);
            CompletableFuture<Conflict> atSecond = heard(second);
            CompletableFuture<Conflict> atReader = heard(reader);
            InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            try (Replication server = Replication.listen(one, any);
                    Replication toReader = Replication.connect(reading, server.address())) {
                reader.download(0, 3).get(30, TimeUnit.SECONDS);
                try (Replication toSecond = Replication.connect(two, server.address())) {
                    Conflict conflict = atFirst.get(30, TimeUnit.SECONDS);
                    assertThat(conflict.length()).isEqualTo(3);
                    assertThat(atSecond.get(30, TimeUnit.SECONDS).length()).isEqualTo(3);
                }
                assertThat(atReader.get(30, TimeUnit.SECONDS).length()).isEqualTo(3);
                assertThat(reader.get(2)).isEqualTo(first.get(2));
            }
            assertThatThrownBy(() -> first.append(new byte[1]))
                    .extracting("code")
                    .isEqualTo("ERR_CONFLICT");
            assertThatThrownBy(() -> second.append(new byte[1]))
                    .extracting("code")
                    .isEqualTo("ERR_CONFLICT");
        }
    }
}
