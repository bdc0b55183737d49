package dev.espalier.release;

import com.google.gson.JsonPrimitive;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A package.json, or another small file of JSON, of which one field is changed and nothing else, down to the last space.
 *
 * <p><b>Threading:</b> immutable; nobody else should write the file meanwhile.
 *
 * @param file the file
 * @param text all of it
 */
record ManifestFile(Path file, String text) {

    /**
     * The package.json of the project that {@code folder} is in.
     *
     * @throws EspalierException {@code ERR_INVALID_PROJECT_DIR} when there is none; {@code ERR_INVALID_MANIFEST}
     */
    static ManifestFile of(Path folder) throws IOException {
        Path file = Project.containing(folder).folder().resolve("package.json");
        return new ManifestFile(file, Files.readString(file, StandardCharsets.UTF_8));
    }

    /** The same with a text as the value of a field of the root, added as the last one when it is not there. */
    ManifestFile with(String field, String value) {
        String quoted = new JsonPrimitive(value).toString();
        Members members = members(field);
        if (members.start >= 0) {
            return replaced(members.start, members.end, quoted);
        }
        String name = new JsonPrimitive(field) + ": " + quoted;
        if (members.lastEnd < 0) {
            return replaced(members.open + 1, members.close, name);
        }
        // Between the opening brace and the first name stands what the file's author puts between fields.
        String gap = text.substring(members.open + 1, members.firstName);
        return replaced(members.lastEnd, members.lastEnd, "," + gap + name);
    }

    /** The same with a text as the value of a field of an object, which is itself a field of the root and must be there. */
    ManifestFile withIn(String object, String field, String value) {
        Members members = members(object);
        require(members.start >= 0);
        String inner = text.substring(members.start, members.end);
        return replaced(members.start, members.end, new ManifestFile(file, inner).with(field, value).text);
    }

    private ManifestFile replaced(int start, int end, String by) {
        return new ManifestFile(file, text.substring(0, start) + by + text.substring(end));
    }

    /**
     * Where things stand in the text.
     *
     * @param open the opening brace of the root
     * @param firstName the first name, or the closing brace when there is none
     * @param start where the value begins that was looked for; -1 when it is not there
     * @param end where it ends
     * @param lastEnd where the last value before that ends; -1 when there is none
     * @param close the closing brace, when all was looked through
     */
    private record Members(int open, int firstName, int start, int end, int lastEnd, int close) {}

    private Members members(String field) {
        int open = skip(text, text.startsWith("\uFEFF") ? 1 : 0);
        require(open < text.length() && text.charAt(open) == '{');
        int lastEnd = -1;
        int at = skip(text, open + 1);
        int firstName = at;
        while (text.charAt(at) != '}') {
            String name = string(at);
            int colon = skip(text, end(at));
            require(text.charAt(colon) == ':');
            int start = skip(text, colon + 1);
            int end = end(start);
            if (name.equals(field)) {
                return new Members(open, firstName, start, end, lastEnd, -1);
            }
            lastEnd = end;
            at = skip(text, end);
            if (text.charAt(at) == ',') {
                at = skip(text, at + 1);
            }
        }
        return new Members(open, firstName, -1, -1, lastEnd, at);
    }

    /** Replaces the file. */
    void write() throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".partial");
        try {
            Files.copy(file, aside, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(aside, text, StandardCharsets.UTF_8);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    /** The string that begins at a quotation mark. */
    private String string(int at) {
        require(text.charAt(at) == '"');
        return Project.parse("{\"name\":" + text.substring(at, end(at)) + "}")
                .get("name")
                .getAsString();
    }

    /** Where a value ends that begins at {@code at}; the text was seen to be JSON. */
    private int end(int at) {
        int depth = 0;
        for (int i = at; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                i = endOfString(i) - 1;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
                if (depth < 0) {
                    return trimmed(at, i);
                }
            } else if (c == ',' && depth == 0) {
                return trimmed(at, i);
            }
            if (depth == 0 && (c == '"' || c == '}' || c == ']')) {
                return i + 1;
            }
        }
        throw invalid();
    }

    private int trimmed(int from, int end) {
        int last = end;
        while (last > from && Character.isWhitespace(text.charAt(last - 1))) {
            last--;
        }
        return last;
    }

    private int endOfString(int quote) {
        for (int i = quote + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                return i + 1;
            }
        }
        throw invalid();
    }

    private static int skip(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            throw invalid();
        }
        return at;
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw invalid();
        }
    }

    private static EspalierException invalid() {
        return new EspalierException(
                "ERR_INVALID_MANIFEST", "The package.json cannot be changed: it is no JSON as the standard has it.");
    }
}
