package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import java.util.List;

/** Tells which logs a store holds, as links (release specification §3.5). */
public final class Cores {

    private Cores() {}

    /**
     * One log.
     *
     * @param link its key
     * @param writable whether this store can append to it
     * @param length number of blocks
     */
    public record Core(Link link, boolean writable, long length) implements Event {
        @Override
        public String tag() {
            return "core";
        }
    }

    /**
     * How many were told.
     *
     * @param count all of them
     * @param writable those this store can append to
     */
    public record Result(long count, long writable) {}

    /** In the order of discovery keys; {@code all} tells those without a block, too. */
    static Result run(LogStore store, boolean all, Steps steps) {
        List<Key> discoveryKeys = store.discoveryKeys().stream().sorted().toList();
        long count = 0;
        long writable = 0;
        for (Key discoveryKey : discoveryKeys) {
            steps.checkCancelled();
            Log log = store.stored(discoveryKey).orElse(null);
            if (log == null) {
                continue;
            }
            try (log) {
                if (all || log.length() > 0) {
                    count++;
                    writable += log.writable() ? 1 : 0;
                    steps.emit(new Core(Link.of(log.key()), log.writable(), log.length()));
                }
            }
        }
        return new Result(count, writable);
    }
}
