package dev.espalier.release.multisig;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The folders in which a person's signing keys are looked for, the first of which gets new ones (release specification
 * §4.4).
 *
 * <p><b>Threading:</b> as {@link KeyFolder}.
 */
public final class KeyRing {

    private final List<KeyFolder> folders;

    private KeyRing(List<KeyFolder> folders) {
        this.folders = List.copyOf(folders);
    }

    /** One folder and no other. */
    public static KeyRing of(Path folder) {
        return new KeyRing(List.of(new KeyFolder(folder)));
    }

    /**
     * The folder that {@link KeyFolder#VARIABLE} names and no other; else {@code .hypercore-sign} and {@code .pear} in the
     * home folder.
     */
    public static KeyRing standard(Map<String, String> environment) {
        String named = environment.getOrDefault(KeyFolder.VARIABLE, "");
        if (!named.isEmpty()) {
            return of(Path.of(named));
        }
        String home = environment.getOrDefault("HOME", "");
        Path root = Path.of(home.isEmpty() ? System.getProperty("user.home") : home);
        return new KeyRing(
                List.of(new KeyFolder(root.resolve(".hypercore-sign")), new KeyFolder(root.resolve(".pear"))));
    }

    /** The folders, in the order in which they are looked at. */
    public List<KeyFolder> folders() {
        return folders;
    }

    /** The folder that gets new keys. */
    public KeyFolder first() {
        return folders.get(0);
    }

    /** All keys by folder and name. */
    public List<KeyFolder.Entry> list() throws IOException {
        List<KeyFolder.Entry> all = new ArrayList<>();
        for (KeyFolder folder : folders) {
            all.addAll(folder.list());
        }
        return all;
    }

    /** The first folder that has a key of this name, null when none has. */
    public @Nullable KeyFolder find(String name) throws IOException {
        for (KeyFolder folder : folders) {
            if (folder.has(name)) {
                return folder;
            }
        }
        return null;
    }

    /**
     * The first folder that has a key of this name.
     *
     * @throws EspalierException {@code ERR_NOT_FOUND}
     */
    public KeyFolder require(String name) throws IOException {
        KeyFolder found = find(name);
        if (found == null) {
            throw new EspalierException(
                    "ERR_NOT_FOUND",
                    "There is no key called \"" + name + "\" in "
                            + String.join(
                                    " or ",
                                    folders.stream()
                                            .map(folder -> folder.folder().toString())
                                            .toList())
                            + "; make it with: espalier multisig keys create " + name);
        }
        return found;
    }
}
