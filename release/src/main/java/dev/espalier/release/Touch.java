package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.ZBase32;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/** Makes a link that only this store can write to (release specification §3.1). */
public final class Touch {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NAME_BYTES = 16;

    /** Letters of choice that are found within minutes. */
    private static final int QUICK_LETTERS = 4;

    private Touch() {}

    /**
     * The new link.
     *
     * @param key key of the drive
     * @param link the same as link
     */
    public record Result(Key key, Link link) {}

    static Result run(LogStore store, String prefix, Steps steps) {
        if (!prefix.chars().allMatch(c -> ZBase32.ALPHABET.indexOf(c) >= 0) || prefix.length() > Key.TEXT_LENGTH) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "A link cannot begin with \"" + LinkText.shorten(prefix) + "\": its letters are " + ZBase32.ALPHABET
                            + ".");
        }
        if (prefix.length() > QUICK_LETTERS) {
            steps.emit(new Warning(
                    "SLOW_SEARCH",
                    "A link that begins with " + prefix.length()
                            + " letters of choice takes 32 times as long with each one:" + " hours from 5 on."));
        }
        steps.checkCancelled();
        String name = prefix.isEmpty() ? randomName() : search(store, prefix, steps);
        try (Log log = store.log(name)) {
            return new Result(log.key(), Link.of(log.key()));
        }
    }

    private static String randomName() {
        byte[] name = new byte[NAME_BYTES];
        RANDOM.nextBytes(name);
        return HexFormat.of().formatHex(name);
    }

    /** Tries names on all processors until one gives a key with this beginning. */
    private static String search(LogStore store, String prefix, Steps steps) {
        CompletableFuture<String> found = new CompletableFuture<>();
        LongAdder tried = new LongAdder();
        long expected = 1L << Math.min(62, 5 * prefix.length());
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            while (!found.isDone()) {
                                tried.increment();
                                String name = randomName();
                                if (key(store, name).toString().startsWith(prefix)) {
                                    found.complete(name);
                                }
                            }
                        } catch (RuntimeException | Error e) {
                            found.completeExceptionally(e);
                        }
                    },
                    "espalier-vanity");
            thread.setDaemon(true);
            thread.start();
        }
        steps.await(found, () -> {
            steps.progress("searching", Math.min(tried.sum(), expected - 1), expected, false);
            return false;
        });
        return found.join();
    }

    /** The key that a log of this name will have. */
    private static Key key(LogStore store, String name) {
        return Manifest.singleSigner(store.keyPair(name).publicKey()).key();
    }
}
