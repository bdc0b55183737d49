package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Progress;
import org.jspecify.annotations.Nullable;

/**
 * Where the events of a command go: to a person, to a script, or to another process that shows them.
 *
 * <p>Exactly one of {@link #ended} and {@link #failed} comes last. <b>Threading:</b> one thread.
 */
interface Output {

    /** Something happened. */
    void event(String tag, JsonObject data);

    /** How far it is. */
    void progress(Progress progress);

    /** It worked; {@code data} is the result. */
    void ended(JsonObject data);

    /** It did not. */
    void failed(Failure failure);

    /**
     * A failure as it is told.
     *
     * @param code stable code
     * @param message one sentence
     * @param info more for scripts, or null
     * @param trace stack trace, shown on request only
     */
    record Failure(String code, String message, @Nullable JsonObject info, String trace) {}
}
