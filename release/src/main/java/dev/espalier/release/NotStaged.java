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
        String names = String.join(", ", differing.subList(0, Math.min(NAMED, differing.size())));
        return List.of(Finding.failure(
                        "D10",
                        "NOT_STAGED",
                        "The newest version of " + link + " is not what " + folder + " holds; " + differing.size()
                                + (differing.size() == 1 ? " file differs: " : " files differ: ")
                                + LinkText.shorten(names) + (differing.size() > NAMED ? ", …." : "."),
                        "Look at a dry run, then stage with its plan.")
                .typing("espalier stage " + link + " " + folder + " --dry-run"));
    }
}
