package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.ZBase32;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where something of a drive, or on this machine, is to be found (release specification §1).
 *
 * <pre>
 * pear://[&lt;fork&gt;.&lt;length&gt;.]&lt;key&gt;[.&lt;tree hash&gt;]&lt;path&gt;[?search][#fragment]
 * file://&lt;absolute path&gt;
 * </pre>
 *
 * <p>A link with fork and length is a <i>verlink</i>: it means one version of the drive's database log and no other. One
 * with a tree hash says what that version must hash to as well. Any text without a scheme is a path of this machine, so
 * a bare key is one, too; {@link #parseDrive} refuses that and says how to write it.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param drive what of which drive is meant; null for a path of this machine
 * @param path the path as written, percent-encoded; may be empty for a drive
 * @param search what follows {@code ?}, with it; or empty
 * @param fragment what follows {@code #}, with it; or empty
 * @param origin scheme and key as written, without version; for a path of this machine the whole of it
 */
public record Link(@Nullable DrivePart drive, String path, String search, String fragment, String origin) {

    /** Largest fork or length that JavaScript can read back: 2^53 - 1. */
    public static final long MAX_NUMBER = (1L << 53) - 1;

    private static final int MAX_TEXT = 1 << 16;

    /**
     * The part of a link that names a drive.
     *
     * @param key key of the drive's database log
     * @param version the version meant; null for the newest
     * @param treeHash what the version hashes to; null when the link does not say
     */
    public record DrivePart(
            Key key, @Nullable Version version, @Nullable Hash treeHash) {

        /** A tree hash is of a version. */
        public DrivePart {
            if (treeHash != null && version == null) {
                throw new IllegalArgumentException("a link with a tree hash needs fork and length");
            }
        }
    }

    /**
     * One version of a log: the two always go together, because {@code pear://5.KEY} cannot be read back.
     *
     * @param fork how often the log was truncated, 0 to {@link #MAX_NUMBER}
     * @param length number of blocks, 0 to {@link #MAX_NUMBER}; 0 means the newest in some commands
     */
    public record Version(long fork, long length) {

        /** Checks the ranges. */
        public Version {
            if (fork < 0 || fork > MAX_NUMBER || length < 0 || length > MAX_NUMBER) {
                throw new IllegalArgumentException("version out of range: fork " + fork + ", length " + length);
            }
        }
    }

    /** The link of a drive's newest version. */
    public static Link of(Key key) {
        return new Link(new DrivePart(key, null, null), "", "", "", "pear://" + key);
    }

    /** The link of one version of a drive. */
    public static Link of(Key key, long fork, long length) {
        return new Link(new DrivePart(key, new Version(fork, length), null), "", "", "", "pear://" + key);
    }

    /** The link of one version of a drive together with the tree hash of it. */
    public static Link of(Key key, long fork, long length, Hash treeHash) {
        return new Link(new DrivePart(key, new Version(fork, length), treeHash), "", "", "", "pear://" + key);
    }

    /**
     * Reads a link of either scheme, or a path that starts with {@code /}.
     *
     * @throws EspalierException {@code ERR_INVALID_LINK} saying what is wrong
     */
    public static Link parse(String text) {
        if (text.isEmpty()) {
            throw invalid("No link specified");
        }
        if (text.length() > MAX_TEXT) {
            throw invalid("A link has at most " + MAX_TEXT + " characters, this one " + text.length());
        }
        String clean = LinkText.clean(text);
        int colon = LinkText.schemeEnd(clean);
        if (colon < 0) {
            return parseFile(clean);
        }
        String scheme = LinkText.lowerCase(clean.substring(0, colon));
        String rest = clean.substring(colon + 1);
        return switch (scheme) {
            case "pear" -> parsePear(rest);
            case "file" -> parseFile(rest.startsWith("//") ? rest.substring(2) : rest);
            default -> throw invalid("Protocol is not supported");
        };
    }

    /**
     * Reads a link that must name a drive, after {@link #normalize}.
     *
     * @throws EspalierException {@code ERR_INVALID_LINK} for anything else; a bare key gets the link it was meant to be
     */
    public static Link parseDrive(String text) {
        String normal = normalize(text);
        if (LinkText.schemeEnd(normal) < 0 && !normal.isEmpty()) {
            String host = normal.substring(normal.lastIndexOf('.') + 1);
            throw invalid(
                    keyOf(host) == null
                            ? "\"" + LinkText.shorten(normal) + "\" is no link: a link starts with pear://"
                            : "A link starts with pear://, did you mean pear://" + normal + "?");
        }
        Link link = parse(normal);
        if (link.drive() == null) {
            throw invalid("\"" + LinkText.shorten(normal) + "\" names no drive: a link of a drive starts with pear://");
        }
        return link;
    }

    /** The same text without one trailing slash; commands do this before anything else. */
    public static String normalize(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    /** Whether a link names one version and not the newest. */
    public boolean isVersioned() {
        return drive != null && drive.version() != null;
    }

    /**
     * The part that names a drive.
     *
     * @throws IllegalStateException when this is a path of this machine
     */
    public DrivePart requireDrive() {
        if (drive == null) {
            throw new IllegalStateException("not a link of a drive: " + this);
        }
        return drive;
    }

    /** The path with its percent-encoding undone, as names in a drive are; {@code /} when there is none. */
    public String decodedPath() {
        return path.isEmpty() ? "/" : LinkText.percentDecode(path);
    }

    /** The link as text; the key always in z-base-32. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (drive == null) {
            text.append("file://");
        } else {
            text.append("pear://");
            Version version = drive.version();
            if (version != null) {
                text.append(version.fork()).append('.').append(version.length()).append('.');
            }
            text.append(drive.key());
            if (drive.treeHash() != null) {
                text.append('.').append(ZBase32.encode(drive.treeHash().bytes()));
            }
        }
        return text.append(path).append(search).append(fragment).toString();
    }

    private static Link parsePear(String rest) {
        if (!rest.startsWith("//")) {
            throw invalid("alias not found: \"\"");
        }
        LinkText.Parts parts = LinkText.split(rest.substring(2));
        DrivePart drive = parseHost(parts.host());
        return new Link(drive, parts.path(), parts.search(), parts.fragment(), "pear://" + keyText(parts.host()));
    }

    private static String keyText(String host) {
        String[] parts = host.split("\\.", -1);
        return parts.length == 1 ? parts[0] : parts[2];
    }

    private static DrivePart parseHost(String host) {
        if (host.indexOf('@') >= 0 || host.indexOf(':') >= 0) {
            throw invalid("A link has neither user nor port: \"" + LinkText.shorten(host) + "\"");
        }
        String[] parts = host.split("\\.", -1);
        if (parts.length == 2) {
            throw invalid("Incorrect hostname");
        }
        String keyText = keyText(host);
        Key key = keyOf(keyText);
        if (key == null) {
            throw invalid("alias not found: \"" + LinkText.shorten(keyText) + "\"");
        }
        if (parts.length == 1) {
            return new DrivePart(key, null, null);
        }
        if (parts.length > 4) {
            throw invalid("Incorrect hostname");
        }
        Version version = new Version(number(parts[0]), number(parts[1]));
        if (parts.length == 3) {
            return new DrivePart(key, version, null);
        }
        Key treeHash = keyOf(parts[3]);
        if (treeHash == null) {
            throw invalid("Invalid Hypercore key");
        }
        return new DrivePart(key, version, Hash.of(treeHash.bytes()));
    }

    private static Link parseFile(String text) {
        LinkText.Parts parts = LinkText.split(text);
        if (!parts.host().isEmpty()) {
            throw invalid("Path needs to start from the root, \"/\"");
        }
        String path = parts.path().isEmpty() ? "/" : parts.path();
        String origin = "file://" + normalize(path);
        return new Link(null, path, parts.search(), parts.fragment(), origin);
    }

    /** Null when the text is no key. */
    private static @Nullable Key keyOf(String text) {
        boolean canBe = text.length() == Key.TEXT_LENGTH ? ZBase32.isValid(text) : LinkText.isHex(text, 2 * Key.BYTES);
        return canBe ? Key.parse(text) : null;
    }

    private static long number(String text) {
        boolean plain = !text.isEmpty() && text.length() <= 16 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        long value = plain ? Long.parseLong(text) : -1;
        if (value < 0 || value > MAX_NUMBER) {
            throw invalid("Incorrect hostname");
        }
        return value;
    }

    private static EspalierException invalid(String message) {
        return new EspalierException("ERR_INVALID_LINK", Objects.requireNonNull(message));
    }
}
