package dev.espalier.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Files of the operating system. */
final class FileStorage implements Storage {

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private final MappingMode mode;

    /** Storage that maps the way {@code mode} says. */
    FileStorage(MappingMode mode) {
        this.mode = mode;
    }

    @Override
    public StorageFile open(Path path, boolean create) {
        try {
            return ChannelFile.open(path, create, mode);
        } catch (NoSuchFileException e) {
            throw new StorageException("Cannot open " + path + ": no such file.", path, e);
        } catch (IOException e) {
            throw StorageErrors.of("open", path, e);
        }
    }

    @Override
    public byte @Nullable [] read(Path path, int max) {
        try {
            long size = Files.size(path);
            if (size > max) {
                throw new CorruptLogException(path, 0, "File size", "at most " + max + " bytes", size + " bytes");
            }
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw StorageErrors.of("read", path, e);
        }
    }

    @Override
    public void replace(Path path, byte[] content, boolean secret) {
        Path aside = path.resolveSibling(path.getFileName() + ".new");
        try {
            Files.deleteIfExists(aside);
            try (FileChannel channel = FileChannel.open(
                    aside, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), access(secret))) {
                ByteBuffer source = ByteBuffer.wrap(content);
                while (source.hasRemaining()) {
                    channel.write(source);
                }
                channel.force(true);
            }
            Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw StorageErrors.of("write", path, e);
        }
        forceFolder(path.toAbsolutePath().getParent());
    }

    /** Attributes a file is made with: there is no moment at which others could read a secret one. */
    static FileAttribute<?>[] access(boolean secret) {
        return secret && POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw StorageErrors.of("delete", path, e);
        }
    }

    @Override
    public void createFolders(Path folder) {
        List<Path> missing = new ArrayList<>();
        for (Path at = folder.toAbsolutePath(); at != null && !Files.isDirectory(at); at = at.getParent()) {
            missing.add(0, at);
        }
        try {
            for (Path one : missing) {
                Files.createDirectories(one);
                forceFolder(one.getParent());
            }
        } catch (IOException e) {
            throw StorageErrors.of("create the folder", folder, e);
        }
    }

    @Override
    public List<String> list(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw StorageErrors.of("list", folder, e);
        }
    }

    @Override
    public void forceFolder(Path folder) {
        if (!POSIX) {
            return; // Windows cannot open a folder as a file, and orders its metadata by itself.
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw StorageErrors.of("force", folder, e);
        }
    }
}
