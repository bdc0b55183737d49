package dev.espalier.release;

import dev.espalier.drive.FileTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * D6: an application looks for an artefact of its own name, for its own platform.
 *
 * @param files a deployment folder, or a version of a drive
 * @param name the application's {@code productName}, else {@code name}; null when the package.json has neither
 * @param host platform and architecture of the application, {@code linux-x64}; null for none in particular
 * @param named whether somebody said that it is this host; else it is a guess
 */
record MissingArtefact(
        FileTree files, @Nullable String name, @Nullable String host, boolean named) implements Detection {

    private static final Map<String, String> EXTENSIONS =
            Map.of("darwin", ".app", "linux", ".AppImage", "win32", ".msix");

    @Override
    public List<Finding> findings() {
        SortedSet<String> platforms = ByArch.platforms(files);
        if (name == null || platforms.isEmpty()) {
            return List.of();
        }
        List<Finding> found = new ArrayList<>();
        if (host != null && !platforms.contains(host)) {
            Finding missing = Finding.failure(
                    "D6",
                    "NO_ARTEFACT",
                    "An application on " + LinkText.shorten(host) + " looks for " + path(host, name)
                            + ", and there are builds for " + text(platforms) + " only.",
                    "Make it on such a machine, add it to the deployment folder, raise the version and stage.");
            found.add(named ? missing : missing.as(Finding.Severity.WARNING));
        }
        for (String platform : platforms) {
            SortedSet<String> names = ByArch.names(files, ByArch.app(platform));
            if (!names.isEmpty() && names.stream().noneMatch(this::isArtefact)) {
                found.add(Finding.failure(
                        "D6",
                        "NO_ARTEFACT",
                        "An application on " + platform + " looks for " + path(platform, name) + ", and there is "
                                + text(names) + ".",
                        "The artefact is called as the productName of the package.json, or its name if there is none:"
                                + " change one of them, and build again."));
            }
        }
        return found;
    }

    private boolean isArtefact(String child) {
        return child.equals(name) || child.startsWith(name + ".");
    }

    private static String path(String platform, String name) {
        String system = platform.replaceFirst("-.*", "");
        return LinkText.shorten(ByArch.app(platform) + "/" + name + EXTENSIONS.getOrDefault(system, ""));
    }

    private static String text(SortedSet<String> names) {
        return LinkText.shorten(String.join(", ", names));
    }
}
