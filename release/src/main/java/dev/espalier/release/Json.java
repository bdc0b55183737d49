package dev.espalier.release;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.ZBase32;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How events and results look to a script: one JSON object each, with the component names of their record.
 *
 * <p>Keys and hashes are z-base-32 text, links and paths their text, durations seconds with a fraction, sizes and lengths
 * numbers. What is not known is {@code null}, never left out.
 *
 * <p><b>Threading:</b> stateless.
 */
public final class Json {

    private static final Gson GSON = new GsonBuilder()
            .serializeNulls()
            .disableHtmlEscaping()
            .registerTypeHierarchyAdapter(Key.class, text(Key::toString))
            .registerTypeHierarchyAdapter(Hash.class, text((Hash hash) -> ZBase32.encode(hash.bytes())))
            .registerTypeHierarchyAdapter(Link.class, text(Link::toString))
            .registerTypeHierarchyAdapter(Path.class, text(Path::toString))
            .registerTypeAdapter(Duration.class, (JsonSerializer<Duration>)
                    (duration, type, context) -> new JsonPrimitive(duration.toMillis() / 1000.0))
            .create();

    private Json() {}

    /** The data of an event, or of a result. */
    public static JsonObject data(Record event) {
        return GSON.toJsonTree(event).getAsJsonObject();
    }

    /** The data of an event. Events are records. */
    public static JsonObject data(Event event) {
        return GSON.toJsonTree(event).getAsJsonObject();
    }

    /** One line of text, without a line end in it. */
    public static String line(JsonElement json) {
        return GSON.toJson(json);
    }

    private static <T> JsonSerializer<T> text(java.util.function.Function<T, String> toText) {
        return (value, type, context) -> new JsonPrimitive(toText.apply(value));
    }
}
