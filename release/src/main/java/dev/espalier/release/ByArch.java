package dev.espalier.release;

import dev.espalier.drive.FileTree;
import java.util.SortedSet;
import java.util.TreeSet;

/** Names in the folder of builds, {@code /by-arch/PLATFORM-ARCH/app/NAME} (release specification §5.6). Stateless. */
final class ByArch {

    static final String FOLDER = "/by-arch";

    private ByArch() {}

    /** Platforms that have something. */
    static SortedSet<String> platforms(FileTree files) {
        return names(files, FOLDER);
    }

    /** Folder of the artefact for a platform. */
    static String app(String platform) {
        return FOLDER + "/" + platform + "/app";
    }

    static SortedSet<String> names(FileTree files, String folder) {
        SortedSet<String> names = new TreeSet<>();
        // With the slash, a link out of a staged folder is what it leads to.
        files.readdir(folder + "/").forEach(names::add);
        return names;
    }
}
