package dev.espalier.cli.holder;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * Where the socket of a store's holder is: {@code holder/socket} in the store, or, when that path is too long for a
 * socket, in a private temporary folder that {@code holder/address} names.
 */
final class HolderAddress {

    /** Systems take 104 to 108 bytes, the closing zero included. */
    private static final int MAX_PATH_BYTES = 100;

    private static final String SOCKET = "socket";
    private static final String ADDRESS = "address";

    private HolderAddress() {}

    /** Makes ready a place for a new socket, removing what an earlier holder left. Only for who holds the store. */
    static Path prepare(Path store) throws IOException {
        Path folder = folder(store);
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            createPrivate(folder);
        }
        remove(store);
        Path socket = folder.resolve(SOCKET);
        if (bytes(socket) <= MAX_PATH_BYTES) {
            return socket;
        }
        Path elsewhere = Files.createTempDirectory("espalier").resolve(SOCKET);
        Path address = folder.resolve(ADDRESS);
        Path written = folder.resolve(ADDRESS + ".new");
        Files.writeString(written, elsewhere.toString(), StandardCharsets.UTF_8);
        Files.move(written, address, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return elsewhere;
    }

    /** The socket of the store's holder; null when there is none. */
    static @Nullable Path find(Path store) throws IOException {
        Path address = folder(store).resolve(ADDRESS);
        if (Files.isRegularFile(address, LinkOption.NOFOLLOW_LINKS) && Files.size(address) < 4096) {
            Path socket = Path.of(Files.readString(address, StandardCharsets.UTF_8));
            // Who left a folder of that name in the place for temporary ones must be who owns the store.
            Path parent = socket.getParent();
            boolean ours = parent != null
                    && Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(parent, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(address));
            return ours ? socket : null;
        }
        Path socket = folder(store).resolve(SOCKET);
        return Files.exists(socket, LinkOption.NOFOLLOW_LINKS) ? socket : null;
    }

    /** Removes socket and address. Only for who holds the store. */
    static void remove(Path store) throws IOException {
        Path address = folder(store).resolve(ADDRESS);
        if (Files.isRegularFile(address, LinkOption.NOFOLLOW_LINKS)) {
            Path elsewhere = find(store);
            if (elsewhere != null && elsewhere.getFileName().toString().equals(SOCKET)) {
                Files.deleteIfExists(elsewhere);
                Path parent = elsewhere.getParent();
                if (parent != null) {
                    Files.deleteIfExists(parent);
                }
            }
            Files.deleteIfExists(address);
        }
        Files.deleteIfExists(folder(store).resolve(SOCKET));
    }

    private static Path folder(Path store) {
        return store.resolve("holder");
    }

    private static void createPrivate(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectory(folder);
        }
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }
}
