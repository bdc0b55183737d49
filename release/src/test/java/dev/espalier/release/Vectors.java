package dev.espalier.release;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The known answers of {@code vectors/release.json}. */
public final class Vectors {

    private Vectors() {}

    /** The objects of the list that the names lead to. */
    public static Stream<JsonObject> list(String... names) {
        JsonElement at = root();
        for (String name : names) {
            at = at.getAsJsonObject().get(name);
        }
        return StreamSupport.stream(at.getAsJsonArray().spliterator(), false).map(JsonElement::getAsJsonObject);
    }

    /** The object of this name. */
    public static JsonObject object(String name) {
        return root().getAsJsonObject().getAsJsonObject(name);
    }

    private static JsonElement root() {
        try (InputStream in = Vectors.class.getResourceAsStream("/vectors/release.json")) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
