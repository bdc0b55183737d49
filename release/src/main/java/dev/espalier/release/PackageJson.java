package dev.espalier.release;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.drive.Entry;
import dev.espalier.drive.FileTree;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
    private static final long MAX_BYTES = 16 << 20;

    /** That of a folder or drive; null when there is none that can be used. */
    static @Nullable PackageJson of(FileTree files) throws IOException {
        Entry entry = files.entry(PATH);
        if (entry == null || entry.isLink() || files.size(entry) > MAX_BYTES) {
            return null;
        }
        try (InputStream in = files.newInputStream(entry, 0, MAX_BYTES)) {
            return new PackageJson(Project.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
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
