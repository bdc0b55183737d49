package dev.espalier.cli;

import dev.espalier.release.multisig.KeyRing;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where signing keys are. */
final class KeyFlags {

    @Option(
            names = "--keys",
            paramLabel = "DIR",
            description =
                    "The folder of signing keys. Default: $HYPERCORE_SIGN_KEYS_DIRECTORY, else ~/.hypercore-sign and ~/.pear.")
    @Nullable
    Path folder;

    /** The folders meant. */
    KeyRing ring(Terminal terminal) {
        return folder == null ? KeyRing.standard(terminal.environment()) : KeyRing.of(terminal.resolve(folder));
    }
}
