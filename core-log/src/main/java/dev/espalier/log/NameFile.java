package dev.espalier.log;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file in {@code names/}: which log a name in a namespace means, whatever key the name would lead to today. The file's
 * name is the BLAKE2b hash of namespace and name in hex; it is a {@link RecordFile} whose payload is
 * {@code namespace 32 ‖ discovery key 32 ‖ string name}.
 */
final class NameFile {

    private NameFile() {}

    /** Discovery key that a name means; null when it was never given to a log. */
    static @Nullable Key read(Storage storage, Path store, Hash namespace, String name) {
        Path file = file(store, namespace, name);
        CompactReader in = RecordFile.read(storage, file, FileKind.NAME, FileHeader.noTag());
        if (in == null) {
            return null;
        }
        Hash storedNamespace = in.hash();
        Key discoveryKey = Key.of(in.fixed(Key.BYTES));
        String storedName = in.string();
        if (!storedNamespace.equals(namespace) || !storedName.equals(name)) {
            throw new CorruptLogException(file, FileHeader.BYTES, "Name", "\"" + name + "\"", "\"" + storedName + "\"");
        }
        return discoveryKey;
    }

    /** Gives a name to a log. */
    static void write(Storage storage, Path store, Hash namespace, String name, Key discoveryKey) {
        storage.createFolders(store.resolve("names"));
        CompactWriter payload =
                new CompactWriter(128).hash(namespace).raw(discoveryKey.bytes()).string(name);
        Path file = file(store, namespace, name);
        RecordFile.write(storage, file, FileKind.NAME, FileHeader.noTag(), payload, false);
    }

    private static Path file(Path store, Hash namespace, String name) {
        Hash hash = Hash.digest(namespace.bytes(), name.getBytes(StandardCharsets.UTF_8));
        return store.resolve("names").resolve(hash.toString());
    }
}
