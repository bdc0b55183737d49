package dev.espalier.release;

import com.google.gson.JsonObject;
import dev.espalier.drive.LocalFolder;
import dev.espalier.drive.Mirror;
import dev.espalier.drive.MirrorResult;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Puts the builds of an application for several platforms into one deployment folder, which can then be staged (release
 * specification §5.6).
 *
 * <pre>
 * hello-1.0.0/package.json
 * hello-1.0.0/by-arch/linux-x64/app/Hello.AppImage
 * hello-1.0.0/by-arch/darwin-arm64/app/Hello.app/Contents/...
 * </pre>
 *
 * <p>Builds that come from several machines can be put in one after the other: what an earlier run put in for another
 * platform stays. All that can be wrong is looked at before anything is written; {@code package.json} is written last.
 */
public final class Build {

    private static final String MANIFEST = "package.json";
    private static final String BY_ARCH = "by-arch";
    private static final Pattern ARCHITECTURE = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)+");

    private Build() {}

    /**
     * What to put together.
     *
     * @param manifest the project's package.json, or the folder that holds it
     * @param inputs what was built for each platform and architecture ({@code linux-x64}): a file, or a folder such as a
     *     macOS application; at least one
     * @param target the deployment folder, which is made where there is none; null for {@code {name}-{version}} of the
     *     package.json in {@code folder}
     * @param folder what relative paths start from
     */
    public record Options(
            Path manifest,
            Map<String, Path> inputs,
            @Nullable Path target,
            Path folder) {

        /** Keeps its own copies. */
        public Options {
            for (String arch : inputs.keySet()) {
                if (!ARCHITECTURE.matcher(arch).matches()) {
                    throw new IllegalArgumentException("a platform and an architecture, as linux-x64: " + arch);
                }
            }
            inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
        }
    }

    /** One build is being put in. */
    public record Mirroring(String arch, Path from, Path to) implements Event {
        @Override
        public String tag() {
            return "mirroring";
        }
    }

    /**
     * One build is in.
     *
     * @param files how many files and links it has
     * @param bytes bytes of those that were added or changed
     * @param add files that were added
     * @param remove files that were removed, which an earlier run had put in
     * @param change files that were changed
     */
    public record Mirrored(String arch, Path from, Path to, long files, long bytes, long add, long remove, long change)
            implements Event {
        @Override
        public String tag() {
            return "mirrored";
        }
    }

    /**
     * The deployment folder.
     *
     * @param dir the folder
     * @param name what its files are called
     * @param version version in the package.json; null when it does not say
     * @param archs everything that it holds a build for, those of earlier runs, too; sorted
     */
    public record Result(Path dir, String name, @Nullable String version, List<String> archs) {}

    /** Puts builds together. */
    public static Operation<Result> folder(Options options) {
        return Operation.of(steps -> run(options, steps));
    }

    private static Result run(Options options, Steps steps) throws IOException {
        Path manifest = options.folder().resolve(options.manifest()).normalize();
        if (Files.isDirectory(manifest)) {
            manifest = manifest.resolve(MANIFEST);
        }
        byte[] bytes = Files.readAllBytes(manifest);
        JsonObject project = Project.parse(new String(bytes, StandardCharsets.UTF_8));
        String version = Project.text(project, "version");
        String name = name(project);
        Path target = target(options, project);
        Map<String, Path> inputs = inputs(options, name);
        requireApart(target, manifest, inputs);
        requireDeployment(target);
        tellOfOtherVersion(target, version, inputs, steps);
        for (Map.Entry<String, Path> input : inputs.entrySet()) {
            mirror(input.getKey(), input.getValue(), target, steps);
        }
        steps.checkCancelled();
        LocalFolder.of(target).put("/" + MANIFEST, bytes);
        return new Result(target, name, version, architectures(target));
    }

    private static String name(JsonObject project) {
        String product = Project.text(project, "productName");
        String name = product != null ? product : Project.text(project, "name");
        if (name == null || name.isEmpty()) {
            throw new EspalierException(
                    "ERR_INVALID_MANIFEST",
                    "The package.json has neither productName nor name, after which builds are called.");
        }
        return name;
    }

    private static Path target(Options options, JsonObject project) {
        if (options.target() != null) {
            return options.folder().resolve(options.target()).normalize();
        }
        String name = Project.text(project, "name");
        String version = Project.text(project, "version");
        // Of a scoped name, "@team/app", the part that is a name of a folder.
        String last = name == null ? "" : name.substring(name.lastIndexOf('/') + 1);
        if (last.isEmpty()
                || last.startsWith(".")
                || last.contains("\\")
                || version == null
                || !SemVer.isValid(version)) {
            throw new EspalierException(
                    "ERR_INVALID_MANIFEST",
                    "The package.json has no name and version to call the folder after, as in hello-1.0.0; set them, or"
                            + " name the folder with --target.");
        }
        return options.folder().resolve(last + "-" + version).normalize();
    }

    /** The inputs where they really are, each called as it must be. */
    private static Map<String, Path> inputs(Options options, String name) throws IOException {
        if (options.inputs().isEmpty()) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT", "There is nothing to build from; name a build, as --linux-x64-app PATH.");
        }
        Map<String, Path> inputs = new LinkedHashMap<>();
        for (Map.Entry<String, Path> input : options.inputs().entrySet()) {
            String arch = input.getKey();
            Path given = options.folder().resolve(input.getValue()).normalize();
            if (!Files.exists(given)) {
                throw new EspalierException("ERR_NOT_FOUND", "There is no " + given + ", the build for " + arch + ".");
            }
            requireName(String.valueOf(given.getFileName()), name, arch);
            Path real = given.toRealPath();
            if (!given.getFileName().equals(real.getFileName())) {
                throw new EspalierException(
                        "ERR_INVALID_INPUT", given + " leads to " + real + "; name what it leads to for " + arch + ".");
            }
            inputs.put(arch, real);
        }
        return inputs;
    }

    private static void requireName(String file, String name, String arch) {
        int dot = file.lastIndexOf('.');
        String base = dot > 0 ? file.substring(0, dot) : file;
        if (!base.equals(name) && !file.equals(name)) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "expected directory " + name + " but got " + file + " for " + arch
                            + ": a build is called after productName, or else name, of the package.json.");
        }
    }

    /** A deployment folder inside what is built would be built into the next one, and so on. */
    private static void requireApart(Path target, Path manifest, Map<String, Path> inputs) throws IOException {
        Path place = real(target);
        Path project = manifest.toRealPath().getParent();
        if (place.startsWith(project)) {
            throw nested(
                    target,
                    "the project's folder " + project,
                    "would be packed into the next build; run this above"
                            + " the project's folder, or name one beside it with --target");
        }
        if (project.startsWith(place)) {
            throw nested(
                    project,
                    "the deployment folder " + place,
                    "would be staged with it; name an empty folder with" + " --target");
        }
        for (Path input : inputs.values()) {
            if (place.startsWith(input)) {
                throw nested(target, "the build " + input, "would hold itself; name a folder beside it with --target");
            }
            if (input.startsWith(place)) {
                throw nested(
                        input,
                        "the deployment folder " + place,
                        "would be staged twice; name an empty folder with" + " --target");
            }
        }
    }

    private static EspalierException nested(Path inner, String outer, String why) {
        return new EspalierException("ERR_INVALID_INPUT", inner + " lies in " + outer + " and " + why + ".");
    }

    /** Where a path really is, as far as it exists. */
    private static Path real(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        Path there = absolute;
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there.toRealPath().resolve(there.relativize(absolute)).normalize();
    }

    private static void requireDeployment(Path target) throws IOException {
        if (!Files.isDirectory(target) || Files.isDirectory(target.resolve(BY_ARCH))) {
            return;
        }
        try (DirectoryStream<Path> children = Files.newDirectoryStream(target)) {
            if (children.iterator().hasNext()) {
                throw new EspalierException(
                        "ERR_DIR_NONEMPTY",
                        "The folder " + target + " holds something that is no deployment folder; name another one with"
                                + " --target.");
            }
        }
    }

    /** Builds of two versions in one folder are most likely a mistake: it has one package.json. */
    private static void tellOfOtherVersion(Path target, @Nullable String version, Map<String, Path> inputs, Steps steps)
            throws IOException {
        List<String> staying = new ArrayList<>(architectures(target));
        staying.removeAll(inputs.keySet());
        if (staying.isEmpty()) {
            return;
        }
        String before = Project.of(target).version();
        if (before != null && !before.equals(version)) {
            steps.emit(new Warning(
                    "MIXED_VERSIONS",
                    "The folder " + target + " holds builds of " + before + " for " + String.join(", ", staying)
                            + ", which stay; a folder for each version is safer."));
        }
    }

    private static void mirror(String arch, Path input, Path target, Steps steps) {
        String name = String.valueOf(input.getFileName());
        Path app = target.resolve(BY_ARCH).resolve(arch).resolve("app");
        steps.emit(new Mirroring(arch, input, app));
        // From the folder above, so that a file and a folder of this name can take each other's place.
        Path above = input.getParent();
        MirrorResult done = Mirror.from(LocalFolder.of(above == null ? input : above))
                .to(LocalFolder.of(app))
                .prefix(List.of("/" + name))
                .run(MirrorTeller.silent(steps, "copying"));
        steps.emit(new Mirrored(
                arch, input, app, done.files(), done.bytesAdded(), done.added(), done.removed(), done.changed()));
    }

    private static List<String> architectures(Path target) throws IOException {
        Path folder = target.resolve(BY_ARCH);
        TreeSet<String> found = new TreeSet<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
                for (Path child : children) {
                    if (Files.isDirectory(child.resolve("app"))) {
                        found.add(String.valueOf(child.getFileName()));
                    }
                }
            }
        }
        return List.copyOf(found);
    }
}
