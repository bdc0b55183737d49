package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Blocks;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationMetersTest {

    @TempDir
    Path folder;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void metersShowWhatWentOverTheWire() {
        try (LogStore writers = LogStore.open(folder.resolve("writers"));
                LogStore readers = LogStore.open(folder.resolve("readers"));
                Replication server =
                        Replication.listen(writers, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                Replication client = Replication.connect(readers, server.address())) {
            new ReplicationMeters(server.metrics(), Tags.of("store", "writers")).bindTo(registry);
            new ReplicationMeters(client.metrics(), Tags.of("store", "readers")).bindTo(registry);
            Log source = writers.log("source");
            source.append(new byte[300]);
            source.append(new byte[200]);
            Log copy = readers.log(source.key());
            while (copy.length() < 2) {
                copy.update(Duration.ofSeconds(10));
            }
            copy.fetch(Blocks.range(0, 2)).done().join();

            assertThat(counter("blocks", "writers", "out")).isEqualTo(2);
            assertThat(counter("data", "writers", "out")).isEqualTo(500);
            assertThat(counter("blocks", "readers", "in")).isEqualTo(2);
            assertThat(counter("data", "readers", "in")).isEqualTo(500);
            assertThat(counter("data", "readers", "out")).isZero();
            assertThat(counter("wire", "readers", "in")).isGreaterThan(500);
            assertThat(gauge("peers", "readers")).isEqualTo(1);
            assertThat(gauge("waiting", "writers")).isZero();
            // The upgrade came before the blocks were asked for, and was measured.
            assertThat(gauge("roundtrip", "readers")).isPositive();
        }
    }

    private double counter(String name, String store, String direction) {
        return registry.get("espalier.replication." + name)
                .tags("store", store, "direction", direction)
                .functionCounter()
                .count();
    }

    private double gauge(String name, String store) {
        return registry.get("espalier.replication." + name)
                .tags("store", store)
                .gauge()
                .value();
    }
}
