package dev.espalier.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * R17: a deployment folder holds the package.json that its artefacts were made with.
 *
 * @param project the application's folder
 * @param build the deployment folder
 */
record OtherPackage(Path project, Path build) implements Detection {

    @Override
    public List<Finding> findings() throws IOException {
        Path own = project.resolve("package.json");
        Path built = build.resolve("package.json");
        if (!Files.isRegularFile(own) || !Files.isRegularFile(built) || Files.mismatch(own, built) < 0) {
            return List.of();
        }
        return List.of(Finding.warning(
                        "R17",
                        "OTHER_PACKAGE_JSON",
                        "The package.json of the deployment folder is not that of the application.",
                        "When version or upgrade link changed, make the artefacts again and build a new deployment"
                                + " folder.")
                .typing("espalier build --package " + own + " --PLATFORM-ARCH-app PATH"));
    }
}
