package dev.espalier.release;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.drive.FileTree;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What an application sees in the package.json it updates from, or is made with.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param json all of it
 */
record PackageJson(JsonObject json) {

    private static final String PATH = "/package.json";

    /** That of a folder or drive; null when there is none that can be used. */
    static @Nullable PackageJson of(FileTree files) throws IOException {
        String text = SmallFile.text(files, PATH);
        try {
            return text == null ? null : new PackageJson(Project.parse(text));
        } catch (EspalierException e) {
            if (e.code().equals("ERR_INVALID_MANIFEST")) {
                return null;
            }
            throw e;
        }
    }

    /** A field of the root; null when it is not there or no text. */
    @Nullable
    String text(String field) {
        return Project.text(json, field);
    }

    @Nullable
    String version() {
        return text("version");
    }

    @Nullable
    String upgrade() {
        return text("upgrade");
    }

    /** What artefacts are called: the productName, else the name. */
    @Nullable
    String productName() {
        String product = text("productName");
        return product != null ? product : text("name");
    }

    /** Whether it turns updates off. */
    boolean updatesOff() {
        JsonElement updates = json.get("updates");
        return updates != null
                && updates.isJsonPrimitive()
                && updates.getAsJsonPrimitive().isBoolean()
                && !updates.getAsBoolean();
    }
}
