package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a person calls a log: a name for an own log (log specification §15), a key or a link for any.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param name name in the store; null when {@code key} is given
 * @param key key of the log; null when {@code name} is given
 */
public record LogRef(@Nullable String name, @Nullable Key key) {

    /** Either, not both. */
    public LogRef {
        if ((name == null) == (key == null)) {
            throw new IllegalArgumentException("a log is called by a name or by a key");
        }
    }

    /**
     * Reads what was typed: text that begins with {@code pear://}, and text that has the form of a key, is a key.
     *
     * @throws EspalierException {@code ERR_INVALID_LINK} for a broken link, {@code ERR_INVALID_INPUT} for an empty name
     */
    public static LogRef parse(String text) {
        if (text.startsWith("pear:")) {
            return new LogRef(null, Link.parseDrive(text).requireDrive().key());
        }
        if (text.length() == Key.TEXT_LENGTH || text.length() == 2 * Key.BYTES) {
            try {
                return new LogRef(null, Key.parse(text));
            } catch (EspalierException e) {
                // A name may be that long, too.
                return named(text);
            }
        }
        return named(text);
    }

    /**
     * The own log of a name.
     *
     * @throws EspalierException {@code ERR_INVALID_INPUT} for an empty or huge name
     */
    public static LogRef named(String name) {
        if (name.isBlank() || name.length() > 1024) {
            throw new EspalierException("ERR_INVALID_INPUT", "The name of a log has 1 to 1024 characters.");
        }
        return new LogRef(name, null);
    }

    /**
     * Opens the log if the store holds it.
     *
     * @throws EspalierException {@code ERR_NOT_FOUND} when it does not
     */
    public Log open(LogStore store) {
        if (name != null) {
            Key own = Manifest.singleSigner(store.keyPair(name).publicKey()).key();
            if (!store.contains(own)) {
                throw new EspalierException(
                        "ERR_NOT_FOUND",
                        "This store has no log called \"" + name + "\"; make it with: espalier log create " + name);
            }
            return store.log(name);
        }
        Key known = Objects.requireNonNull(key);
        if (!store.contains(known)) {
            throw new EspalierException("ERR_NOT_FOUND", "This store holds nothing of log " + known + ".");
        }
        return store.log(known);
    }

    /** Opens the log, made if the store does not hold it. */
    public Log openOrCreate(LogStore store) {
        return name != null ? store.log(name) : store.log(Objects.requireNonNull(key));
    }

    /** The name or the key. */
    @Override
    public String toString() {
        return name != null ? name : String.valueOf(key);
    }
}
