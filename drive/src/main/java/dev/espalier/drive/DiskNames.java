package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Names of files as text and as paths.
 *
 * <p>On Unix a name is bytes, here always UTF-8. The JDK, however, translates names by the locale of the process, and
 * cannot even express one outside ASCII in the POSIX locale; no option changes that after the start. URIs carry names
 * as bytes in every locale, so they are used where plain text does not do.
 *
 * <p><b>Threading:</b> stateless.
 */
final class DiskNames {

    private static final boolean UNIX = File.separatorChar == '/';

    /** Whether text and bytes of names agree: not on Unix in a locale without UTF-8. */
    private static final boolean UTF8 = "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));

    private DiskNames() {}

    /** The path of {@code name} in {@code folder}. */
    static Path child(Path folder, String name) {
        if (name.indexOf('\0') >= 0) {
            throw invalid(name, "it holds a NUL");
        }
        try {
            if (isUnix(folder) && !UTF8 && !isAscii(name)) {
                return folder.resolve(raw("/" + name).getFileName());
            }
            Path child = folder.resolve(name);
            if (!folder.equals(child.getParent())) {
                throw invalid(name, "it leads elsewhere on this system");
            }
            return child;
        } catch (IllegalArgumentException e) {
            throw invalid(name, String.valueOf(e.getMessage()));
        }
    }

    private static EspalierException invalid(String name, String why) {
        return Failures.invalidInput(
                "\"" + name.replace("\0", "\\0") + "\" cannot be the name of a file here: " + why + ".");
    }

    /**
     * The name of a file as text.
     *
     * @throws EspalierException {@code ERR_INVALID_INPUT} when a drive cannot hold it
     */
    static String name(Path file) {
        Path last = file.getFileName();
        if (last == null) {
            throw new IllegalArgumentException("the root has no name");
        }
        String name = text(last);
        if (isUnix(file) && name.indexOf('\\') >= 0) {
            throw Failures.invalidInput("The name of " + file
                    + " holds a backslash, which separates folders in a drive: rename the file or ignore it.");
        }
        return name;
    }

    /** The text of a link, separators as {@code /}. */
    static String linkText(Path link) throws IOException {
        return text(Files.readSymbolicLink(link)).replace('\\', '/');
    }

    private static String text(Path path) {
        String text = path.toString();
        if (!isUnix(path) || isAscii(text) || (UTF8 && text.indexOf('\ufffd') < 0)) {
            return text;
        }
        Path root = FileSystems.getDefault().getPath("/");
        String encoded = (path.isAbsolute() ? path : root.resolve(path)).toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // A folder's URI ends with a slash even if its path does not.
        int end = encoded.endsWith("/") && !text.endsWith("/") ? encoded.length() - 1 : encoded.length();
        for (int i = path.isAbsolute() ? 0 : 1; i < end; i++) {
            char c = encoded.charAt(i);
            if (c == '%') {
                bytes.write(HexFormat.fromHexDigits(encoded, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Failures.invalidInput("The name " + encoded.substring(1)
                    + " is not UTF-8, which all names in a drive are: rename the file or ignore it.");
        }
    }

    /** The target of a link whose text is {@code text}, to be made in {@code folder}. */
    static Path linkTarget(Path folder, String text) {
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            throw Failures.invalidInput("A link cannot lead to \"" + text.replace("\0", "\\0") + "\" here.");
        }
        try {
            // Plain paths lose a slash at the end; URIs lose only one of two.
            if (isUnix(folder) && (text.endsWith("/") || (!UTF8 && !isAscii(text)))) {
                Path absolute = raw((text.startsWith("/") ? "" : "/") + text + (text.endsWith("/") ? "/" : ""));
                return text.startsWith("/") ? absolute : absolute.subpath(0, absolute.getNameCount());
            }
            return folder.getFileSystem().getPath(text);
        } catch (InvalidPathException e) {
            throw Failures.invalidInput("A link cannot lead to \"" + text + "\" here: " + e.getMessage() + ".");
        }
    }

    /** An absolute path by its bytes. */
    private static Path raw(String absolute) {
        StringBuilder uri = new StringBuilder("file://");
        for (byte b : absolute.getBytes(StandardCharsets.UTF_8)) {
            if (b == '/' || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9')) {
                uri.append((char) b);
            } else {
                uri.append('%').append(HexFormat.of().toHexDigits(b));
            }
        }
        return Path.of(URI.create(uri.toString()));
    }

    private static boolean isUnix(Path path) {
        return UNIX && path.getFileSystem() == FileSystems.getDefault();
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
