package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
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

    static Result run(LogStore store, String prefix, Steps steps) {
        VanitySearch search = new VanitySearch(prefix, steps);
        steps.checkCancelled();
        String name =
                prefix.isEmpty() ? randomName() : search.run(Touch::randomName, candidate -> key(store, candidate));
        try (Log log = store.log(name)) {
            return new Result(log.key(), Link.of(log.key()));
        }
    }

    private static String randomName() {
        byte[] name = new byte[NAME_BYTES];
        RANDOM.nextBytes(name);
        return HexFormat.of().formatHex(name);
    }

    /** The key that a log of this name will have. */
    private static Key key(LogStore store, String name) {
        return Manifest.singleSigner(store.keyPair(name).publicKey()).key();
    }
}
