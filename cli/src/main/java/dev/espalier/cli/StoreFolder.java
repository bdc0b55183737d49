package dev.espalier.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the store is: named by the option, by the environment, or the platform's folder for data of a person. */
final class StoreFolder {

    /** Environment variable that names the store. */
    static final String VARIABLE = "ESPALIER_STORAGE";

    private StoreFolder() {}

    /** The folder of the store, absolute. */
    static Path of(@Nullable Path option, Terminal terminal) {
        String variable = terminal.environment().getOrDefault(VARIABLE, "");
        if (option != null) {
            return terminal.resolve(option);
        }
        return variable.isEmpty()
                ? platform(
                        System.getProperty("os.name", ""), System.getProperty("user.home", "."), terminal.environment())
                : terminal.resolve(Path.of(variable));
    }

    /** The folder that the platform called {@code system} has for this. */
    static Path platform(String system, String home, Map<String, String> environment) {
        String name = system.toLowerCase(Locale.ROOT);
        Path base;
        if (name.startsWith("windows")) {
            String local = environment.getOrDefault("LOCALAPPDATA", "");
            base = local.isEmpty() ? Path.of(home, "AppData", "Local") : Path.of(local);
        } else if (name.contains("mac")) {
            base = Path.of(home, "Library", "Application Support");
        } else {
            // The specification of these folders tells to ignore a relative one.
            String data = environment.getOrDefault("XDG_DATA_HOME", "");
            base = data.startsWith("/") ? Path.of(data) : Path.of(home, ".local", "share");
        }
        return base.resolve("espalier");
    }
}
