package dev.espalier.replicate;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * The {@link ReplicationMetrics} of a replication as meters of Micrometer:
 *
 * <pre>
 * espalier.replication.peers                            connected peers
 * espalier.replication.wire      direction = in | out   bytes, framing and encryption included
 * espalier.replication.blocks    direction = in | out   blocks
 * espalier.replication.data      direction = in | out   bytes of those blocks
 * espalier.replication.roundtrip                        time from a request to its answer
 * espalier.replication.queued                           bytes that wait for peers to read
 * espalier.replication.waiting                          requests that wait for that
 * </pre>
 *
 * <p>Needs {@code io.micrometer:micrometer-core} on the class path, which this module does not bring along. The registry
 * keeps no strong reference to the metrics: keep the replication as long as its numbers are to be seen.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class ReplicationMeters implements MeterBinder {

    private static final String PREFIX = "espalier.replication.";

    private final ReplicationMetrics metrics;
    private final Tags tags;

    /** Meters without tags of their own. */
    public ReplicationMeters(ReplicationMetrics metrics) {
        this(metrics, Tags.empty());
    }

    /** Meters that all carry {@code tags}, to tell several replications apart. */
    public ReplicationMeters(ReplicationMetrics metrics, Iterable<Tag> tags) {
        this.metrics = metrics;
        this.tags = Tags.of(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "peers", "peers", ReplicationMetrics::peers);
        counter(registry, "wire", BaseUnits.BYTES, "in", m -> m.traffic().wireBytesIn());
        counter(registry, "wire", BaseUnits.BYTES, "out", m -> m.traffic().wireBytesOut());
        counter(registry, "blocks", "blocks", "in", m -> m.traffic().blocks().blocksIn());
        counter(registry, "blocks", "blocks", "out", m -> m.traffic().blocks().blocksOut());
        counter(
                registry,
                "data",
                BaseUnits.BYTES,
                "in",
                m -> m.traffic().blocks().bytesIn());
        counter(
                registry,
                "data",
                BaseUnits.BYTES,
                "out",
                m -> m.traffic().blocks().bytesOut());
        TimeGauge.builder(PREFIX + "roundtrip", metrics, TimeUnit.NANOSECONDS, ReplicationMetrics::roundTripNanos)
                .tags(tags)
                .register(registry);
        gauge(registry, "queued", BaseUnits.BYTES, ReplicationMetrics::queuedBytes);
        gauge(registry, "waiting", "requests", ReplicationMetrics::waitingRequests);
    }

    private void gauge(MeterRegistry registry, String name, String unit, ToDoubleFunction<ReplicationMetrics> value) {
        Gauge.builder(PREFIX + name, metrics, value).baseUnit(unit).tags(tags).register(registry);
    }

    private void counter(
            MeterRegistry registry,
            String name,
            String unit,
            String direction,
            ToDoubleFunction<ReplicationMetrics> value) {
        FunctionCounter.builder(PREFIX + name, metrics, value)
                .baseUnit(unit)
                .tags(tags)
                .tag("direction", direction)
                .register(registry);
    }
}
