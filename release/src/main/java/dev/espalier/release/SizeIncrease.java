package dev.espalier.release;

import dev.espalier.drive.Entry;
import dev.espalier.drive.FileTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * D9: a build that is more than half as large again as the one before (R61).
 *
 * @param before bytes of each platform's build before; a platform that was not there is not judged
 * @param after bytes of each platform's build now
 */
record SizeIncrease(Map<String, Long> before, Map<String, Long> after) implements Detection {

    /** Smaller builds grow as they like: nothing of this size is an artefact with another one in it. */
    private static final long SMALL = 4096;

    /** Bytes of each platform's build. Lists all of them. */
    public static SortedMap<String, Long> sizes(FileTree files) {
        SortedMap<String, Long> sizes = new TreeMap<>();
        for (Entry entry : files.list(ByArch.FOLDER)) {
            sizes.merge(platform(entry.path()), files.size(entry), Long::sum);
        }
        return sizes;
    }

    /** Platform of a path; empty for what belongs to none. */
    public static String platform(String path) {
        int start = ByArch.FOLDER.length() + 1;
        int end = path.startsWith(ByArch.FOLDER + "/") ? path.indexOf('/', start) : -1;
        return end < 0 ? "" : path.substring(start, end);
    }

    @Override
    public List<Finding> findings() {
        List<Finding> found = new ArrayList<>();
        before.forEach((platform, was) -> {
            long is = after.getOrDefault(platform, 0L);
            if (!platform.isEmpty() && is > SMALL && was > 0 && is > was + was / 2) {
                found.add(Finding.warning(
                        "D9",
                        "SIZE_INCREASE",
                        "The build for " + LinkText.shorten(platform) + " grows from " + SizeText.of(was) + " to "
                                + SizeText.of(is) + ".",
                        "If that is unexpected: is a deployment folder inside the application's folder? Then each build"
                                + " holds the one before; move it out, and make the artefacts again."));
            }
        });
        return found;
    }
}
