package dev.espalier.interop;

import dev.espalier.drive.Entry;
import dev.espalier.drive.FileTree;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The canonical listing of a tree (drive specification §7), as {@code drive-peer.mjs} makes it: a line for each entry,
 * by the UTF-8 bytes of the paths.
 */
final class Listing {

    private Listing() {}

    /** The lines themselves. */
    static String of(FileTree tree) {
        StringBuilder lines = new StringBuilder();
        for (Entry entry : tree.list("/")) {
            if (entry.linkname() != null) {
                lines.append("L\t").append(entry.path()).append('\t').append(entry.linkname());
            } else {
                lines.append("F\t")
                        .append(entry.path())
                        .append('\t')
                        .append(tree.size(entry))
                        .append('\t')
                        .append(entry.executable() ? 1 : 0)
                        .append('\t')
                        .append(sha256(tree, entry));
            }
            lines.append('\n');
        }
        return lines.toString();
    }

    /** SHA-256 of the lines, as in a peer's summary. */
    static String sha256(FileTree tree) {
        return HexFormat.of().formatHex(digest().digest(of(tree).getBytes(StandardCharsets.UTF_8)));
    }

    private static String sha256(FileTree tree, Entry entry) {
        MessageDigest digest = digest();
        byte[] buffer = new byte[65536];
        try (InputStream in = tree.newInputStream(entry, 0, Long.MAX_VALUE)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
