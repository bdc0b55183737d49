package dev.espalier.cli;

import dev.espalier.log.LogStore;
import dev.espalier.release.Event;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the operation of a command works with, be it in the process where it was typed or in the one that holds the store.
 *
 * @param openStore the open store; null for a command that needs none
 * @param input what comes on standard input
 * @param output standard output as it is, for commands that hand out bytes
 * @param folder where it was typed; absolute
 * @param storage the folder of the store; absolute
 * @param json whether output is for a script
 * @param tell tells an event of the command's own
 */
record Workspace(
        @Nullable LogStore openStore,
        InputStream input,
        OutputStream output,
        Path folder,
        Path storage,
        boolean json,
        Consumer<Event> tell) {

    /** The open store. */
    LogStore store() {
        return Objects.requireNonNull(openStore, "this command has no store");
    }

    /** A path as typed. */
    Path resolve(Path path) {
        return folder.resolve(path).normalize();
    }
}
