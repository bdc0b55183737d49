package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Adds a line of release to {@code espalier.lines.json}, or changes it. Nothing else of the file is changed. */
public final class SetLine {

    private SetLine() {}

    /**
     * The line.
     *
     * @param name its name
     * @param link where its releases are
     * @param upgrade where its builds update from; null for production in the case of rc and prerelease once there is one,
     *     else the link
     * @param kind {@code stage}, {@code provision} or {@code multisig}; null for that of the name
     */
    public record Options(
            String name,
            String link,
            @Nullable String upgrade,
            @Nullable String kind) {}

    /** How it ended. */
    public record Result(Path file, ReleaseLine line) {}

    /** The operation, for the project that {@code folder} is in. */
    public static Operation<Result> of(Path folder, Options options) {
        return Operation.of(steps -> {
            Path present = ReleaseLines.locate(folder);
            Path file = present != null
                    ? present
                    : Project.containing(folder).folder().resolve(ReleaseLines.FILE);
            ReleaseLines before = present == null ? ReleaseLines.NONE : ReleaseLines.read(file);
            ReleaseLine line = line(options, before);
            ReleaseLines lines = before.with(line);
            lines.write(file);
            for (Finding finding : new LineRules(lines).findings()) {
                // What is missing still is no wonder while they are being set.
                if (finding.severity() != Finding.Severity.NOTE) {
                    steps.emit(finding);
                }
            }
            return new Result(file, line);
        });
    }

    private static ReleaseLine line(Options options, ReleaseLines before) {
        Link link = Link.parseDrive(options.link());
        ReleaseLine.Kind kind =
                options.kind() == null ? ReleaseLine.Kind.of(options.name()) : ReleaseLine.Kind.parse(options.kind());
        if (kind == null) {
            throw new EspalierException("ERR_INVALID_INPUT", "--kind takes stage, provision or multisig.");
        }
        ReleaseLine production = before.find("production");
        Link upgrade = options.upgrade() != null
                ? Link.parseDrive(options.upgrade())
                : ReleaseLines.defaultUpgrade(options.name(), link, production == null ? null : production.link());
        return new ReleaseLine(options.name(), link, upgrade, kind);
    }
}
