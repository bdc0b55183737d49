package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Ends the hold on logs that were restored from a copy, once peers said how far their originals got. */
public final class Recover {

    private Recover() {}

    /**
     * Which logs, and whom to ask.
     *
     * @param logs the logs; none for all that are held
     * @param force whether to end the hold without asking anybody
     * @param network peers
     */
    public record Options(List<LogRef> logs, boolean force, NetworkOptions network) {

        /** Copies the list. */
        public Options {
            logs = List.copyOf(logs);
        }
    }

    /**
     * A log that can be written on.
     *
     * @param key key of the log
     * @param before its length in the copy
     * @param length its length now
     * @param fork its fork now
     */
    public record Recovered(Key key, long before, long length, long fork) implements Event {
        @Override
        public String tag() {
            return "recovered";
        }
    }

    /** How many logs were recovered. */
    public record Result(long recovered) {}

    static Result run(LogStore store, Options options, Steps steps) {
        List<Log> held = held(store, options);
        try (Network network = Network.open(steps, store, options.network())) {
            if (!held.isEmpty() && !options.force() && !options.network().expectsPeers() && !network.canAsk()) {
                throw new EspalierException(
                        "ERR_INVALID_INPUT",
                        "Name a peer that has what the original signed, with --peer HOST:PORT; or use --force if nothing"
                                + " was signed since the copy was made.");
            }
            List<String> silent = new ArrayList<>();
            for (Log log : held) {
                long before = log.length();
                if (options.force()) {
                    log.endRecovery();
                } else {
                    network.update(log, 0);
                    if (!log.recover(Duration.ZERO)) {
                        silent.add(log.id());
                        continue;
                    }
                }
                steps.emit(new Recovered(log.key(), before, log.length(), log.fork()));
            }
            if (!silent.isEmpty()) {
                throw new EspalierException(
                        "ERR_RESTORED",
                        silent.size() + " of " + held.size() + " restored logs are still held, since no peer has all of"
                                + " them: " + String.join(", ", silent) + ".");
            }
            return new Result(held.size());
        } finally {
            held.forEach(Log::close);
        }
    }

    private static List<Log> held(LogStore store, Options options) {
        List<Log> held = new ArrayList<>();
        try {
            for (LogRef ref : options.logs()) {
                held.add(ref.open(store));
            }
            if (options.logs().isEmpty()) {
                store.discoveryKeys().forEach(key -> store.stored(key).ifPresent(held::add));
            }
        } catch (RuntimeException e) {
            held.forEach(Log::close);
            throw e;
        }
        held.removeIf(log -> {
            boolean free = !log.restored() || !log.writable();
            if (free) {
                log.close();
            }
            return free;
        });
        return held;
    }
}
