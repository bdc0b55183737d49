package dev.espalier.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Real files that are never forced to the device: for tests of much that has nothing to do with it. */
final class HastyStorage extends ForwardingStorage {

    HastyStorage() {
        super(new FileStorage(MappingMode.best()));
    }

    @Override
    StorageFile file(StorageFile opened) {
        return new ForwardingFile(opened) {
            @Override
            public void force(boolean metadata) {}
        };
    }

    @Override
    public void replace(Path path, byte[] content, boolean secret) {
        try {
            Files.write(path, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void createFolders(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void forceFolder(Path folder) {}
}
