package dev.espalier.log;

import dev.espalier.merkle.Key;
import java.nio.file.Path;
import java.util.Arrays;

/** Where the files of one log lie: {@code logs/<first 2 hex digits>/<discovery key in hex>/}. */
record LogFolder(Path folder, Key discoveryKey) {

    /** The folder of a log in a store. */
    static LogFolder of(Path store, Key discoveryKey) {
        String hex = discoveryKey.hex();
        return new LogFolder(store.resolve("logs").resolve(hex.substring(0, 2)).resolve(hex), discoveryKey);
    }

    Path file(FileKind kind) {
        return folder.resolve(kind.fileName());
    }

    byte[] tag() {
        return tag(discoveryKey);
    }

    /** What ties a file to its log: the first bytes of the discovery key. */
    static byte[] tag(Key discoveryKey) {
        return Arrays.copyOf(discoveryKey.bytes(), FileHeader.TAG_BYTES);
    }
}
