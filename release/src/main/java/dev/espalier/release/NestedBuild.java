package dev.espalier.release;

import dev.espalier.drive.Entry;
import dev.espalier.drive.FileTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * D9: a deployment folder inside the application's folder ends up in the build, and that in the next deployment folder
 * (R20).
 *
 * @param project the application's folder; null when it is not known
 * @param build the deployment folder; null when it is not known, or is the application's folder itself
 * @param files what a deployment folder or a drive holds; null not to look into it
 */
record NestedBuild(
        @Nullable Path project,
        @Nullable Path build,
        @Nullable FileTree files) implements Detection {

    @Override
    public List<Finding> findings() throws IOException {
        List<Finding> found = new ArrayList<>();
        if (project != null && build != null) {
            Path outer = project.toRealPath();
            Path inner = build.toRealPath();
            if (inner.startsWith(outer) && !inner.equals(outer)) {
                found.add(Finding.failure(
                                "D9",
                                "NESTED_BUILD",
                                "The deployment folder " + inner + " is inside the application's folder " + outer
                                        + ": each build will hold the one before.",
                                "Put it beside the application's folder, and make the artefacts again.")
                        .typing("mv " + inner + " " + outer.resolveSibling(inner.getFileName())));
            }
        }
        String nested = files == null ? null : nested(files);
        if (nested != null) {
            found.add(Finding.failure(
                    "D9",
                    "NESTED_BUILD",
                    "An artefact holds a deployment folder: " + LinkText.shorten(nested) + ".",
                    "Move the deployment folder out of the application's folder, and make the artefacts again."));
        }
        return found;
    }

    private static @Nullable String nested(FileTree files) {
        for (Entry entry : files.list(ByArch.FOLDER)) {
            int at = entry.path().indexOf(ByArch.FOLDER + "/", ByArch.FOLDER.length());
            if (at >= 0) {
                return entry.path().substring(0, at + ByArch.FOLDER.length());
            }
        }
        return null;
    }
}
