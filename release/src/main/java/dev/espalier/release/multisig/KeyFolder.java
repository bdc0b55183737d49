package dev.espalier.release.multisig;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.multisig.KeyFile.Encoding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Signing keys in a folder, as hypercore-sign and Pear keep them (release specification §4.4).
 *
 * <pre>
 * NAME            secret key under its password, mode 0400
 * NAME.public     public key, mode 0600
 * known-peers/    public keys of others (read only)
 * </pre>
 *
 * Files are read in either encoding and written in the one that the folder is in: text, unless there are raw files, or
 * none and the folder is called {@code .pear}. Nothing is ever overwritten. A folder that is made gets mode 0700; where
 * the file system has no such modes, none are set.
 *
 * <p><b>Threading:</b> any thread. Two processes that make the same key: one of them fails.
 */
public final class KeyFolder {

    /** The name that is meant when none is given. */
    public static final String DEFAULT_NAME = "default";

    /** The environment variable that names the folder, as it does for hypercore-sign. */
    public static final String VARIABLE = "HYPERCORE_SIGN_KEYS_DIRECTORY";

    private static final String PUBLIC = ".public";
    private static final String KNOWN_PEERS = "known-peers";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final String INVALID_INPUT = "ERR_INVALID_INPUT";

    private final Path folder;

    /** The keys in this folder, which need not be there yet. */
    public KeyFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * A key that was found.
     *
     * @param name its name
     * @param publicKey its public key; null when only a secret key of version 0 is there, which does not tell
     * @param secretFile the file of the secret key; null for the key of somebody else
     * @param publicFile the file of the public key; null when there is none
     */
    public record Entry(
            String name,
            @Nullable Key publicKey,
            @Nullable Path secretFile,
            @Nullable Path publicFile) {}

    /** The folder itself. */
    public Path folder() {
        return folder;
    }

    /** All keys by name. Files that are none are left out. */
    public List<Entry> list() throws IOException {
        Map<String, Entry> found = new TreeMap<>();
        for (Path file : files(folder.resolve(KNOWN_PEERS))) {
            String name = baseName(file);
            Key key = publicKeyIn(file);
            if (key != null && NAME.matcher(name).matches()) {
                found.put(name, new Entry(name, key, null, file));
            }
        }
        for (Path file : files(folder)) {
            String name = baseName(file);
            if (NAME.matcher(name).matches()) {
                Entry entry = entry(name);
                if (entry != null) {
                    found.put(name, entry);
                }
            }
        }
        return List.copyOf(found.values());
    }

    /**
     * The key of a name.
     *
     * @throws EspalierException {@code ERR_NOT_FOUND}; {@code ERR_INVALID_KEY} when its files cannot be used
     */
    public Entry get(String name) throws IOException {
        Entry own = find(name);
        if (own != null) {
            return own;
        }
        Path known = knownPeer(name);
        if (known != null) {
            return new Entry(name, KeyFile.readPublicKey(content(known)), null, known);
        }
        throw new EspalierException(
                "ERR_NOT_FOUND",
                "There is no key called \"" + name + "\" in " + folder
                        + "; make it with: espalier multisig keys create " + name);
    }

    /** Whether there are files of a key of this name. */
    boolean has(String name) {
        return Files.isRegularFile(secretFile(name))
                || Files.isRegularFile(publicFile(name))
                || knownPeer(name) != null;
    }

    private @Nullable Path knownPeer(String name) {
        for (String candidate : List.of(name, name + PUBLIC)) {
            Path file = folder.resolve(KNOWN_PEERS).resolve(candidate);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }

    /**
     * The own key of a name, null when there is none. Its public key is checked against what the secret file says.
     *
     * @throws EspalierException {@code ERR_INVALID_KEY} when its files cannot be used
     */
    public @Nullable Entry find(String name) throws IOException {
        Path secret = secretFile(name);
        Path open = publicFile(name);
        KeyFile file = Files.isRegularFile(secret) ? named(secret, () -> KeyFile.read(content(secret))) : null;
        Key said = Files.isRegularFile(open) ? named(open, () -> KeyFile.readPublicKey(content(open))) : null;
        if (file == null && said == null) {
            return null;
        }
        Key inside = file == null ? null : file.publicKey();
        if (said != null && inside != null && !said.equals(inside)) {
            throw new EspalierException(
                    "ERR_INVALID_KEY",
                    open + " names the public key " + said + ", but " + secret + " is of " + inside + ".");
        }
        return new Entry(name, said != null ? said : inside, file == null ? null : secret, said == null ? null : open);
    }

    /**
     * The file of a secret key.
     *
     * @throws EspalierException {@code ERR_NOT_FOUND} when only the public key, or nothing, is here
     */
    public KeyFile secret(String name) throws IOException {
        Entry entry = get(name);
        Path file = entry.secretFile();
        if (file == null) {
            throw new EspalierException(
                    "ERR_NOT_FOUND", "Only the public key of \"" + name + "\" is in " + folder + ": it cannot sign.");
        }
        return named(file, () -> KeyFile.read(content(file)));
    }

    /**
     * Makes a key under a password, which stays the caller's to wipe.
     *
     * @throws EspalierException {@code ERR_KEY_EXISTS}; {@code ERR_INVALID_INPUT} for a bad name or a short password;
     *     {@code ERR_KEY_MEMORY}
     */
    public Entry create(String name, byte[] password) throws IOException {
        return create(name, password, KeyCost.STANDARD);
    }

    /** The same with another cost; see {@link KeyFile#lock(SecretKey, byte[], KeyCost)}. */
    public Entry create(String name, byte[] password, KeyCost cost) throws IOException {
        checkAbsent(name);
        try (SecretKey key = SecretKey.random()) {
            return write(name, key.publicKey(), KeyFile.lock(key, password, cost));
        }
    }

    /**
     * Adds a key that was made elsewhere.
     *
     * @param secret its secret key; null for the key of somebody else
     * @throws EspalierException {@code ERR_KEY_EXISTS}; {@code ERR_INVALID_INPUT} for a bad name, or a public key that is
     *     not the secret's
     */
    public Entry add(String name, Key publicKey, @Nullable KeyFile secret) throws IOException {
        checkAbsent(name);
        Key inside = secret == null ? null : secret.publicKey();
        if (inside != null && !inside.equals(publicKey)) {
            throw new EspalierException(
                    INVALID_INPUT, "The secret key is of the public key " + inside + ", not of " + publicKey + ".");
        }
        return write(name, publicKey, secret);
    }

    /**
     * Deletes the files of a key.
     *
     * @return the key that was
     * @throws EspalierException {@code ERR_NOT_FOUND}
     */
    public Entry remove(String name) throws IOException {
        Entry entry = get(name);
        Path secret = entry.secretFile();
        Path open = entry.publicFile();
        if (secret != null) {
            Files.delete(secret);
        }
        if (open != null) {
            Files.delete(open);
        }
        return entry;
    }

    /** Where the secret key of a name is, or would be. */
    public Path secretFile(String name) {
        return folder.resolve(checkName(name));
    }

    /** Where the public key of a name is, or would be. */
    public Path publicFile(String name) {
        return folder.resolve(checkName(name) + PUBLIC);
    }

    // ---- files

    private static String checkName(String name) {
        if (!NAME.matcher(name).matches() || name.equals(KNOWN_PEERS)) {
            throw new EspalierException(
                    INVALID_INPUT,
                    "\"" + name + "\" is no name of a key: use up to 64 letters, digits, - and _, such as "
                            + DEFAULT_NAME + ".");
        }
        return name;
    }

    /**
     * Refuses a name that is taken.
     *
     * @throws EspalierException {@code ERR_KEY_EXISTS}; {@code ERR_INVALID_INPUT} for a bad name
     */
    public void checkAbsent(String name) {
        for (Path file : List.of(secretFile(name), publicFile(name))) {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw exists(file);
            }
        }
    }

    private static EspalierException exists(Path file) {
        return new EspalierException(
                "ERR_KEY_EXISTS", file + " is there already and is never overwritten; choose another name.");
    }

    private Entry write(String name, Key publicKey, @Nullable KeyFile secret) throws IOException {
        Encoding encoding = encoding();
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, mode(folder, "rwx------"));
        }
        Path secretFile = secretFile(name);
        Path publicFile = publicFile(name);
        if (secret != null) {
            // In this order: a kill in between leaves a key that works, the other way round one that does not.
            writeNew(secretFile, secret.content(encoding), "r--------");
        }
        writeNew(publicFile, KeyFile.content(publicKey, encoding), "rw-------");
        return new Entry(name, publicKey, secret == null ? null : secretFile, publicFile);
    }

    private static void writeNew(Path file, byte[] content, String mode) throws IOException {
        try (FileChannel out = FileChannel.open(
                file, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode(file, mode))) {
            try {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            } catch (IOException e) {
                Files.deleteIfExists(file);
                throw e;
            }
        } catch (FileAlreadyExistsException e) {
            throw exists(file);
        }
    }

    private static FileAttribute<?>[] mode(Path file, String mode) {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }

    /** The encoding of what is there. */
    private Encoding encoding() throws IOException {
        Encoding found = null;
        for (Path file : files(folder)) {
            if (file.getFileName().toString().endsWith(PUBLIC)) {
                found = KeyFile.encodingOf(content(file));
                if (found == Encoding.TEXT) {
                    return found;
                }
            }
        }
        boolean pear =
                folder.getFileName() != null && folder.getFileName().toString().equals(".pear");
        return found != null ? found : pear ? Encoding.RAW : Encoding.TEXT;
    }

    private @Nullable Entry entry(String name) throws IOException {
        try {
            return find(name);
        } catch (EspalierException e) {
            return null; // A file of somebody else's; asked for by name it is told what is wrong with it.
        }
    }

    private static @Nullable Key publicKeyIn(Path file) throws IOException {
        try {
            return KeyFile.readPublicKey(content(file));
        } catch (EspalierException e) {
            return null;
        }
    }

    private static String baseName(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(PUBLIC) ? name.substring(0, name.length() - PUBLIC.length()) : name;
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.list(folder)) {
            all.filter(Files::isRegularFile).sorted().forEach(files::add);
        }
        return files;
    }

    /** The bytes of a file that is small when it is a key. */
    private static byte[] content(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(KeyFile.MAX_CONTENT + 1);
        }
    }

    /** Reads something of a file. */
    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException;
    }

    /** Says of which file it is that something is wrong. */
    private static <T> T named(Path file, Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (EspalierException e) {
            throw new EspalierException(e.code(), file + ": " + e.getMessage(), e);
        }
    }
}
