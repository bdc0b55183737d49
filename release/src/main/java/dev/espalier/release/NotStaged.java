package dev.espalier.release;

import java.nio.file.Path;
import java.util.List;

/**
 * D10: what is in the drive is not what lies in the folder.
 *
 * @param link link of the drive
 * @param folder the deployment folder
 * @param differing paths that differ
 */
record NotStaged(Link link, Path folder, List<String> differing) implements Detection {

    private static final int NAMED = 5;

    /** Keeps its own copy. */
    public NotStaged {
        differing = List.copyOf(differing);
    }

    @Override
    public List<Finding> findings() {
        if (differing.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.failure(
                        "D10",
                        "NOT_STAGED",
                        "The newest version of " + link + " is not what " + folder + " holds, which differs in "
                                + names(differing) + ".",
                        "Look at a dry run, then stage with its plan.")
                .typing("espalier stage " + link + " " + folder + " --dry-run"));
    }

    /** {@code 7 files: /a, /b, …}; the first few of them. */
    static String names(List<String> paths) {
        if (paths.isEmpty()) {
            return "no file";
        }
        String first = String.join(", ", paths.subList(0, Math.min(NAMED, paths.size())));
        return paths.size()
                + (paths.size() == 1 ? " file: " : " files: ")
                + LinkText.shorten(first)
                + (paths.size() > NAMED ? ", …" : "");
    }
}
