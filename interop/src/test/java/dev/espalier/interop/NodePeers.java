package dev.espalier.interop;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds node, the installed npm packages and the scripts of {@code peers/}, and starts peers.
 *
 * <p>Tests run in the folder of this module, or in its parent; both are understood.
 */
public final class NodePeers {

    private static final String WINDOWS_SUFFIX = System.getProperty("os.name").startsWith("Windows") ? ".exe" : "";

    private NodePeers() {}

    /** One sentence saying what is missing to run peers, or the empty string. */
    public static String whatIsMissing() {
        if (node().isEmpty()) {
            return "there is no node on the PATH";
        }
        Path packages = home().resolve("node_modules");
        if (!Files.isDirectory(packages.resolve("hypercore"))) {
            return "the npm packages are not installed in " + packages + " (run interop/install-peers)";
        }
        return "";
    }

    /**
     * Starts {@code peers/<script>} with the arguments. The peer runs until it ends by itself or is closed.
     *
     * @throws IllegalStateException when {@link #whatIsMissing} names something
     */
    public static NodePeer start(String script, String... args) {
        String missing = whatIsMissing();
        if (!missing.isEmpty()) {
            throw new IllegalStateException(missing);
        }
        List<String> command = new ArrayList<>();
        command.add(node().orElseThrow().toString());
        command.add(home().resolve("peers").resolve(script).toString());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("NODE_PATH", home().resolve("node_modules").toString());
        try {
            return new NodePeer(script, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path home() {
        Path here = Path.of("").toAbsolutePath();
        Path below = here.resolve("interop");
        return Files.isDirectory(below) ? below : here;
    }

    private static Optional<Path> node() {
        String path = System.getenv("PATH");
        if (path == null) {
            return Optional.empty();
        }
        for (String folder : path.split(File.pathSeparator)) {
            Path candidate = Path.of(folder, "node" + WINDOWS_SUFFIX);
            if (Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
