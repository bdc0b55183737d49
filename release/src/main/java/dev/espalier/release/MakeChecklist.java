package dev.espalier.release;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * R11: what an application needs before artefacts are made of it.
 *
 * @param manifest the package.json
 * @param project the application's folder, for its icons; null where they are not to be expected
 */
record MakeChecklist(JsonObject manifest, @Nullable Path project) implements Detection {

    private static final List<String> FIELDS = List.of("author", "license", "description", "name", "productName");
    private static final List<String> ICONS = List.of("icon.icns", "icon.ico", "icon.png");

    @Override
    public List<Finding> findings() {
        List<Finding> found = new ArrayList<>();
        for (String field : FIELDS) {
            if (!isPopulated(manifest.get(field))) {
                found.add(Finding.warning(
                        "R11",
                        "MISSING_FIELD",
                        "The package.json has no " + field + ".",
                        field.equals("productName")
                                ? "Artefacts and what people see are called by it; without one, by the name."
                                : "Add it before artefacts are made."));
            }
        }
        if (project != null) {
            for (String icon : ICONS) {
                if (!Files.isRegularFile(project.resolve("build").resolve(icon))) {
                    found.add(Finding.warning(
                            "R11",
                            "MISSING_ICON",
                            "There is no build/" + icon + ".",
                            "Put the application's icon there; artefacts for " + platform(icon)
                                    + " are made with it."));
                }
            }
        }
        return found;
    }

    private static boolean isPopulated(@Nullable JsonElement value) {
        return value != null
                && (value.isJsonObject() && !value.getAsJsonObject().isEmpty()
                        || value.isJsonPrimitive() && !value.getAsString().isBlank());
    }

    private static String platform(String icon) {
        return icon.endsWith("icns") ? "macOS" : icon.endsWith("ico") ? "Windows" : "Linux";
    }
}
