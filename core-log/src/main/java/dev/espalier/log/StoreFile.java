package dev.espalier.log;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.StoreKeys;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The {@code store} file, readable by its owner only: a {@link RecordFile} whose payload is the primary key, 32 bytes.
 * Whatever follows belongs to newer versions.
 */
final class StoreFile {

    private static final SecureRandom RANDOM = new SecureRandom();

    private StoreFile() {}

    /** The primary key of the store in {@code folder}, which is made if {@code options} allow it. */
    static byte[] open(Storage storage, Path folder, StoreOptions options) {
        Path file = file(folder);
        byte[] wanted = options.primaryKey();
        CompactReader in = RecordFile.read(storage, file, FileKind.STORE, FileHeader.noTag());
        if (in != null) {
            byte[] stored = in.fixed(StoreKeys.PRIMARY_KEY_BYTES);
            if (wanted != null && !Arrays.equals(wanted, stored)) {
                throw new EspalierException(
                        "BAD_ARGUMENT", "The store " + folder + " was made with another primary key.");
            }
            return stored;
        }
        if (storage.exists(folder.resolve("logs"))) {
            throw new CorruptLogException(file, 0, "File with the primary key", "one beside the logs", "none");
        }
        byte[] made = wanted != null ? wanted.clone() : random();
        CompactWriter payload = new CompactWriter().raw(made);
        RecordFile.write(storage, file, FileKind.STORE, FileHeader.noTag(), payload, true);
        return made;
    }

    static Path file(Path folder) {
        return folder.resolve("store");
    }

    private static byte[] random() {
        byte[] key = new byte[StoreKeys.PRIMARY_KEY_BYTES];
        RANDOM.nextBytes(key);
        return key;
    }
}
