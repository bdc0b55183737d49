package dev.espalier.release;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A folder to be staged, and what its {@code package.json} says about that (release specification §3.3).
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param folder the folder, absolute
 * @param name what the project calls itself: {@code pear.name}, else {@code name}, else the name of the folder
 * @param manifest the package.json; null when the folder has none
 */
record Project(Path folder, String name, @Nullable JsonObject manifest) {

    /** Larger ones are no package.json. */
    private static final long MAX_MANIFEST = 16 << 20;

    private static final String FILE = "package.json";

    /**
     * The nearest folder that holds a package.json, from {@code start} upwards.
     *
     * @throws EspalierException {@code ERR_INVALID_PROJECT_DIR} when there is none
     */
    static Project containing(Path start) throws IOException {
        for (Path folder = start.toAbsolutePath().normalize(); folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve(FILE))) {
                return of(folder);
            }
        }
        throw new EspalierException(
                "ERR_INVALID_PROJECT_DIR",
                "No package.json in " + start + " nor in any folder above it; name a folder to stage it as it is.");
    }

    /**
     * This folder and no other, with or without a package.json.
     *
     * @throws EspalierException {@code ERR_INVALID_PROJECT_DIR} when it is no folder
     */
    static Project of(Path start) throws IOException {
        Path folder = start.toAbsolutePath().normalize();
        if (!Files.isDirectory(folder)) {
            throw new EspalierException(
                    "ERR_INVALID_PROJECT_DIR", folder + (Files.exists(folder) ? " is no folder." : " does not exist."));
        }
        Path file = folder.resolve(FILE);
        JsonObject manifest = Files.isRegularFile(file) ? read(file) : null;
        String name = manifest == null ? null : text(manifest, "pear", "name");
        if (name == null && manifest != null) {
            name = text(manifest, "name");
        }
        Path last = folder.getFileName();
        return new Project(folder, name != null ? name : last == null ? "/" : last.toString(), manifest);
    }

    /** The version in the package.json, null when it does not say. */
    @Nullable
    String version() {
        return manifest == null ? null : text(manifest, "version");
    }

    /** Items of {@code pear.stage.<field>}: an array of texts, or one text with commas. Empty when it does not say. */
    List<String> stageList(String field) {
        JsonElement value = manifest == null ? null : at(manifest, "pear", "stage", field);
        if (value == null || value.isJsonNull()) {
            return List.of();
        }
        if (isText(value)) {
            return Arrays.asList(value.getAsString().split(","));
        }
        if (!value.isJsonArray()) {
            throw invalid("pear.stage." + field + " must be a list of texts");
        }
        List<String> items = new ArrayList<>();
        for (JsonElement item : value.getAsJsonArray()) {
            if (!isText(item)) {
                throw invalid("pear.stage." + field + " must hold nothing but texts");
            }
            items.add(item.getAsString());
        }
        return items;
    }

    /** Whether {@code pear.stage.<field>} is true. */
    boolean stageFlag(String field) {
        JsonElement value = manifest == null ? null : at(manifest, "pear", "stage", field);
        return value != null
                && value.isJsonPrimitive()
                && value.getAsJsonPrimitive().isBoolean()
                && value.getAsBoolean();
    }

    /** A text in a tree of objects, null when it is not there or no text. */
    static @Nullable String text(JsonObject root, String... names) {
        JsonElement value = at(root, names);
        return value != null && isText(value) ? value.getAsString() : null;
    }

    /**
     * Reads a package.json.
     *
     * @throws EspalierException {@code ERR_INVALID_MANIFEST} when it is no JSON object
     */
    static JsonObject parse(String json) {
        try {
            JsonElement root = JsonParser.parseString(json);
            if (root.isJsonObject()) {
                return root.getAsJsonObject();
            }
            throw invalid("it is no object");
        } catch (JsonParseException | StackOverflowError e) {
            throw invalid(e instanceof JsonParseException ? "it is no JSON" : "it is nested too deep");
        }
    }

    private static JsonObject read(Path file) throws IOException {
        if (Files.size(file) > MAX_MANIFEST) {
            throw invalid("it has more than " + SizeText.of(MAX_MANIFEST));
        }
        return parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    }

    private static @Nullable JsonElement at(JsonObject root, String... names) {
        JsonElement value = root;
        for (String name : names) {
            value = value != null && value.isJsonObject()
                    ? value.getAsJsonObject().get(name)
                    : null;
        }
        return value;
    }

    private static boolean isText(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
    }

    private static EspalierException invalid(String why) {
        return new EspalierException("ERR_INVALID_MANIFEST", "The package.json cannot be used: " + why + ".");
    }
}
