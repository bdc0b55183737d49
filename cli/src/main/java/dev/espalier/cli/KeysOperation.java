package dev.espalier.cli;

import dev.espalier.merkle.Key;
import dev.espalier.release.Event;
import dev.espalier.release.multisig.KeyFolder;
import dev.espalier.release.multisig.KeyRing;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/** A command on signing keys: it needs no store, and runs where it was typed. */
abstract class KeysOperation extends OperationCommand {

    @Mixin
    KeyFlags keys = new KeyFlags();

    final Terminal terminal;

    KeysOperation(Runner runner, Terminal terminal) {
        super(runner);
        this.terminal = terminal;
    }

    /**
     * A key.
     *
     * @param name its name
     * @param publicKey its public key; null when only a secret key of the old kind is there, which does not tell
     * @param secretFile file of the secret key; null for the key of somebody else
     * @param publicFile file of the public key; null when there is none
     */
    record KeyData(
            String name,
            @Nullable Key publicKey,
            @Nullable Path secretFile,
            @Nullable Path publicFile) implements Event {

        static KeyData of(KeyFolder.Entry entry) {
            return new KeyData(entry.name(), entry.publicKey(), entry.secretFile(), entry.publicFile());
        }

        @Override
        public String tag() {
            return "key";
        }
    }

    final KeyRing ring() {
        return keys.ring(terminal);
    }

    @Override
    final StoreUse storeUse() {
        return StoreUse.NONE;
    }
}
