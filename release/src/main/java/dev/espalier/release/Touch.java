package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Makes a link that only this store can write to (release specification §3.1). */
public final class Touch {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NAME_BYTES = 16;

    private Touch() {}

    /**
     * The new link.
     *
     * @param key key of the drive
     * @param link the same as link
     */
    public record Result(Key key, Link link) {}

    static Result run(LogStore store, Steps steps) {
        steps.checkCancelled();
        byte[] name = new byte[NAME_BYTES];
        RANDOM.nextBytes(name);
        try (Log log = store.log(HexFormat.of().formatHex(name))) {
            return new Result(log.key(), Link.of(log.key()));
        }
    }
}
