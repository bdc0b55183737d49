package dev.espalier.release;

import dev.espalier.drive.FileTree;
import java.util.List;

/**
 * R18: what applications update from has at least {@code /package.json} and {@code /by-arch/PLATFORM-ARCH/app}.
 *
 * @param files a deployment folder, or a version of a drive
 * @param noun what messages call it: {@code folder}, {@code version}
 */
record LeastLayout(FileTree files, String noun) implements Detection {

    @Override
    public List<Finding> findings() {
        if (!files.exists("/package.json")) {
            return List.of(Finding.failure(
                    "R18",
                    "NO_PACKAGE_JSON",
                    "The " + noun + " has no package.json: applications cannot update from it.",
                    "A deployment folder holds the application's package.json beside by-arch."));
        }
        for (String platform : ByArch.platforms(files)) {
            if (ByArch.names(files, ByArch.FOLDER + "/" + platform).contains("app")) {
                return List.of();
            }
        }
        return List.of(Finding.failure(
                        "R18",
                        "NO_BUILD",
                        "The " + noun + " has no /by-arch/PLATFORM-ARCH/app: files can be had from the link, but no"
                                + " application can update from it.",
                        "Put together what was made for each platform.")
                .typing("espalier build --PLATFORM-ARCH-app PATH"));
    }
}
