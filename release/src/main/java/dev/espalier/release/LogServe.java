package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.replicate.BlockTraffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Serves logs of the store to peers until it is cancelled. */
public final class LogServe {

    private LogServe() {}

    /**
     * A log is being served.
     *
     * @param key the log
     * @param discoveryKey what peers look for
     * @param length its blocks
     */
    public record Serving(Key key, Key discoveryKey, long length) implements Event {
        @Override
        public String tag() {
            return "serving";
        }
    }

    /**
     * How it ended.
     *
     * @param uploadedBlocks blocks sent
     * @param uploadedBytes bytes of those
     */
    public record Result(long uploadedBlocks, long uploadedBytes) {}

    static Result run(LogStore store, List<LogRef> refs, NetworkOptions options, Steps steps) {
        if (!options.expectsPeers()) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "Say where peers can connect, with --listen PORT, or whom to call, with --peer.");
        }
        List<Log> logs = new ArrayList<>();
        try {
            for (LogRef ref : refs) {
                logs.add(ref.open(store));
            }
            try (Network network = Network.open(steps, store, options, true)) {
                logs.forEach(log -> tell(log, steps));
                if (refs.isEmpty()) {
                    tellAll(store, steps);
                }
                while (!steps.isCancelled()) {
                    steps.pause(Duration.ofSeconds(1));
                }
                BlockTraffic traffic = network.traffic().blocks();
                return new Result(traffic.blocksOut(), traffic.bytesOut());
            }
        } finally {
            logs.forEach(Log::close);
        }
    }

    /** Opens each log only to tell of it: replication opens those that peers ask for. */
    private static void tellAll(LogStore store, Steps steps) {
        for (Key discoveryKey : store.discoveryKeys()) {
            store.stored(discoveryKey).ifPresent(log -> {
                try (log) {
                    tell(log, steps);
                }
            });
        }
    }

    private static void tell(Log log, Steps steps) {
        steps.emit(new Serving(log.key(), log.discoveryKey(), log.length()));
    }
}
