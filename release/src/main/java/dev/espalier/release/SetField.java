package dev.espalier.release;

import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Changes one field of a project's package.json, and nothing else in it (release specification §3.5). */
public final class SetField {

    private SetField() {}

    /**
     * What was changed.
     *
     * @param file the package.json
     * @param field the field
     * @param from what it said; null when it was not there
     * @param to what it says
     */
    public record Result(Path file, String field, @Nullable String from, String to) {}

    /**
     * Raises the version.
     *
     * @param version a version, or {@code major}, {@code minor}, {@code patch}, {@code premajor}, {@code preminor}, {@code
     *     prepatch} or {@code prerelease}
     * @param folder in the project
     */
    public static Operation<Result> version(String version, Path folder) {
        return Operation.of(steps -> {
            ManifestFile file = ManifestFile.of(folder);
            String from = Project.text(Project.parse(file.text()), "version");
            return set(file, "version", from, next(from, version));
        });
    }

    /**
     * Sets the link by which builds are updated.
     *
     * @param link a drive's link; a version in it is left out, updates lead on from it
     * @param folder in the project
     */
    public static Operation<Result> upgrade(String link, Path folder) {
        return Operation.of(steps -> {
            String to = Link.of(Link.parseDrive(link).requireDrive().key()).toString();
            ManifestFile file = ManifestFile.of(folder);
            return set(file, "upgrade", Project.text(Project.parse(file.text()), "upgrade"), to);
        });
    }

    private static String next(@Nullable String from, String wish) {
        for (SemVer.Step step : SemVer.Step.values()) {
            if (step.name().toLowerCase(Locale.ROOT).equals(wish)) {
                if (from == null || !SemVer.isValid(from)) {
                    throw new EspalierException(
                            "ERR_INVALID_MANIFEST",
                            "The package.json has no version that can be raised; set one, as in: espalier set version"
                                    + " 1.0.0");
                }
                return SemVer.parse(from).raised(step).toString();
            }
        }
        if (!SemVer.isValid(wish)) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "\"" + wish
                            + "\" is neither a version, as 1.2.3, nor one of major, minor, patch, premajor, preminor,"
                            + " prepatch, prerelease.");
        }
        return wish;
    }

    private static Result set(ManifestFile file, String field, @Nullable String from, String to) throws IOException {
        ManifestFile changed = file.with(field, to);
        JsonObject check = Project.parse(changed.text());
        if (!to.equals(Project.text(check, field))) {
            throw new EspalierException(
                    "ERR_INVALID_MANIFEST", "The package.json has the field " + field + " more than once.");
        }
        if (!to.equals(from)) {
            changed.write();
        }
        return new Result(file.file(), field, from, to);
    }
}
