package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.ZBase32;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Tries candidates on all processors until one leads to a key that begins as somebody likes.
 *
 * <p><b>Threading:</b> {@link #run} belongs to the thread of the operation; what it is given is called on several at a time.
 */
final class VanitySearch {

    private static final int QUICK_LETTERS = 4;

    private final String prefix;
    private final Steps steps;

    /**
     * A search for keys with this beginning; warns of a long one.
     *
     * @throws EspalierException {@code ERR_INVALID_INPUT} when no key can begin so
     */
    VanitySearch(String prefix, Steps steps) {
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
        this.prefix = prefix;
        this.steps = steps;
    }

    /** Whether a key begins so. */
    boolean accepts(Key key) {
        return key.toString().startsWith(prefix);
    }

    /** The first of the candidates whose key does; takes 32 times as many with each letter. */
    String run(Supplier<String> candidates, Function<String, Key> keyOf) {
        CompletableFuture<String> found = new CompletableFuture<>();
        LongAdder tried = new LongAdder();
        long expected = 1L << Math.min(62, 5 * prefix.length());
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            while (!found.isDone()) {
                                tried.increment();
                                String candidate = candidates.get();
                                if (accepts(keyOf.apply(candidate))) {
                                    found.complete(candidate);
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
}
