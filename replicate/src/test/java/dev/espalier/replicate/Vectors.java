package dev.espalier.replicate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The published wire vectors, {@code vectors/replication.json}. */
public final class Vectors {

    private static final JsonObject ALL = load();

    private Vectors() {}

    /** One section that is an object. */
    public static JsonObject object(String section) {
        return ALL.getAsJsonObject(section);
    }

    /** One section that is a list. */
    public static JsonArray list(String section) {
        return ALL.getAsJsonArray(section);
    }

    /** The bytes of a hex string. */
    public static byte[] bytes(JsonElement hex) {
        return HexFormat.of().parseHex(hex.getAsString());
    }

    /** The bytes of a member that is a hex string. */
    public static byte[] bytes(JsonObject object, String member) {
        return bytes(object.get(member));
    }

    /** Lower case hex. */
    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Says how many vectors of a section were checked. */
    public static void report(String section, int count) {
        System.out.println("vectors/replication.json " + section + ": " + count + " passed");
    }

    private static JsonObject load() {
        try (InputStream in = Vectors.class.getResourceAsStream("/vectors/replication.json")) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
