package dev.espalier.release;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Locale;

/**
 * The rules of the URL standard that a link needs: for schemes it does not know, the host is opaque, path, search and
 * fragment are percent-encoded, and dot segments are resolved.
 *
 * <p><b>Threading:</b> stateless.
 */
final class LinkText {

    private static final String IN_FRAGMENT = " \"<>`";
    private static final String IN_QUERY = " \"#<>";
    private static final String IN_PATH = " \"#<>?`{}^";

    private LinkText() {}

    /** A link taken apart; {@code search} and {@code fragment} keep their first character, each may be empty. */
    record Parts(String host, String path, String search, String fragment) {}

    /** Without control characters and spaces around it, and without tabs and line ends in it. */
    static String clean(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && text.charAt(start) <= ' ') {
            start++;
        }
        while (end > start && text.charAt(end - 1) <= ' ') {
            end--;
        }
        return text.substring(start, end).replaceAll("[\t\r\n]", "");
    }

    /** Index of the colon after a scheme, -1 when the text has none. */
    static int schemeEnd(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ':') {
                return i == 0 ? -1 : i;
            }
            boolean letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
            boolean later = c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.';
            if (!letter && !(later && i > 0)) {
                return -1;
            }
        }
        return -1;
    }

    /** Takes apart what follows {@code //}. */
    static Parts split(String text) {
        String rest = text;
        int hash = rest.indexOf('#');
        String fragment = hash < 0 ? "" : encode(rest.substring(hash), IN_FRAGMENT);
        rest = hash < 0 ? rest : rest.substring(0, hash);
        int question = rest.indexOf('?');
        String search = question < 0 ? "" : encode(rest.substring(question), IN_QUERY);
        rest = question < 0 ? rest : rest.substring(0, question);
        int slash = rest.indexOf('/');
        String path = slash < 0 ? "" : encode(resolveDots(rest.substring(slash)), IN_PATH);
        String host = slash < 0 ? rest : rest.substring(0, slash);
        return new Parts(host, path, search.length() == 1 ? "" : search, fragment.length() == 1 ? "" : fragment);
    }

    static String lowerCase(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    static boolean isHex(String text, int digits) {
        return text.length() == digits && text.chars().allMatch(HexFormat::isHexDigit);
    }

    /** Fit for a message: not more than 120 characters of it. */
    static String shorten(String text) {
        return text.length() > 120 ? text.substring(0, 120) + "…" : text;
    }

    /** Undoes percent-encoding; a percent sign that no two hex digits follow stays. */
    static String percentDecode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] from = text.getBytes(StandardCharsets.UTF_8);
        byte[] to = new byte[from.length];
        int size = 0;
        for (int i = 0; i < from.length; i++) {
            boolean escape = from[i] == '%'
                    && i + 2 < from.length
                    && HexFormat.isHexDigit(from[i + 1])
                    && HexFormat.isHexDigit(from[i + 2]);
            if (escape) {
                to[size++] = (byte) (HexFormat.fromHexDigit(from[i + 1]) << 4 | HexFormat.fromHexDigit(from[i + 2]));
                i += 2;
            } else {
                to[size++] = from[i];
            }
        }
        return new String(to, 0, size, StandardCharsets.UTF_8);
    }

    private static String encode(String text, String set) {
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        char first = text.isEmpty() ? 0 : text.charAt(0);
        boolean marked = first == '#' || first == '?';
        if (marked) {
            encoded.append(first);
        }
        for (byte b : text.substring(marked ? 1 : 0).getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b < 0x7f && set.indexOf(b) < 0) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    private static String resolveDots(String path) {
        Deque<String> kept = new ArrayDeque<>();
        String[] segments = path.substring(1).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            String plain = lowerCase(segments[i]).replace("%2e", ".");
            boolean last = i == segments.length - 1;
            if (plain.equals("..")) {
                kept.pollLast();
            }
            if (!plain.equals(".") && !plain.equals("..")) {
                kept.addLast(segments[i]);
            } else if (last) {
                kept.addLast("");
            }
        }
        StringBuilder resolved = new StringBuilder();
        for (Iterator<String> it = kept.iterator(); it.hasNext(); ) {
            resolved.append('/').append(it.next());
        }
        return resolved.toString();
    }
}
