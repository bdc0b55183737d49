package dev.espalier.cli.holder;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What one process asks of the one that holds the store.
 *
 * @param arguments what was typed after the name of the command
 * @param folder the folder in which it was typed
 */
public record Request(List<String> arguments, Path folder) {

    /** Keeps its own copy. */
    public Request {
        arguments = List.copyOf(arguments);
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("version", Frame.VERSION);
        JsonArray array = new JsonArray();
        arguments.forEach(array::add);
        json.add("arguments", array);
        json.addProperty("folder", folder.toString());
        return json;
    }

    static Request of(JsonObject json) throws IOException {
        try {
            int version = json.get("version").getAsInt();
            if (version != Frame.VERSION) {
                throw new IOException("the request has version " + version + ", this process knows " + Frame.VERSION);
            }
            List<String> arguments = new ArrayList<>();
            for (JsonElement argument : json.getAsJsonArray("arguments")) {
                arguments.add(argument.getAsString());
            }
            return new Request(arguments, Path.of(json.get("folder").getAsString()));
        } catch (RuntimeException e) {
            if (e instanceof InvalidPathException
                    || e instanceof NullPointerException
                    || e instanceof ClassCastException
                    || e instanceof IllegalStateException
                    || e instanceof NumberFormatException
                    || e instanceof UnsupportedOperationException) {
                throw new IOException("the request makes no sense", e);
            }
            throw e;
        }
    }
}
