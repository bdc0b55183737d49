package dev.espalier.drive;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as {@code JSON.parse} does and writes it as {@code JSON.stringify} does, to the byte.
 *
 * <p>Values are {@link Map} (in the order of JavaScript), {@link List}, {@link String}, {@link Double}, {@link Boolean}
 * and null.
 */
final class Json {

    /** Deepest nesting that is read. */
    static final int MAX_DEPTH = 512;

    private static final String HEX = "0123456789abcdef";

    private final String text;
    private int position;

    private Json(String text) {
        this.text = text;
    }

    /**
     * Reads one value.
     *
     * @throws IllegalArgumentException when it is not JSON, or nested too deeply
     */
    static @Nullable Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value(0);
        json.space();
        if (json.position < text.length()) {
            throw json.bad("nothing");
        }
        return value;
    }

    private IllegalArgumentException bad(String expected) {
        return new IllegalArgumentException("not JSON: expected " + expected + " at character " + position + ", found "
                + (position < text.length() ? "'" + text.charAt(position) + "'" : "the end"));
    }

    private void space() {
        while (position < text.length() && " \t\n\r".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
    }

    private boolean skip(char wanted) {
        space();
        if (position < text.length() && text.charAt(position) == wanted) {
            position++;
            return true;
        }
        return false;
    }

    private void expect(char wanted) {
        if (!skip(wanted)) {
            throw bad("'" + wanted + "'");
        }
    }

    private @Nullable Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("JSON is nested deeper than " + MAX_DEPTH + " levels");
        }
        if (skip('{')) {
            return object(depth);
        }
        if (skip('[')) {
            return array(depth);
        }
        if (skip('"')) {
            return string();
        }
        if (word("true")) {
            return true;
        }
        if (word("false")) {
            return false;
        }
        return word("null") ? null : number();
    }

    private boolean word(String word) {
        if (text.startsWith(word, position)) {
            position += word.length();
            return true;
        }
        return false;
    }

    private Map<String, @Nullable Object> object(int depth) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        if (skip('}')) {
            return members;
        }
        do {
            expect('"');
            String name = string();
            expect(':');
            members.put(name, value(depth + 1));
        } while (skip(','));
        expect('}');
        return ordered(members);
    }

    /** Members whose names are array indexes come first in JavaScript, by number. */
    private static Map<String, @Nullable Object> ordered(Map<String, @Nullable Object> members) {
        Map<Long, String> indexes = new TreeMap<>();
        for (String name : members.keySet()) {
            long index = arrayIndex(name);
            if (index >= 0) {
                indexes.put(index, name);
            }
        }
        if (indexes.isEmpty()) {
            return members;
        }
        Map<String, @Nullable Object> ordered = new LinkedHashMap<>();
        indexes.values().forEach(name -> ordered.put(name, members.get(name)));
        members.forEach(ordered::putIfAbsent);
        return ordered;
    }

    private static long arrayIndex(String name) {
        if (name.isEmpty() || name.length() > 10 || (name.charAt(0) == '0' && name.length() > 1)) {
            return -1;
        }
        long index = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            index = index * 10 + (c - '0');
        }
        return index <= 0xfffffffeL ? index : -1;
    }

    private List<@Nullable Object> array(int depth) {
        List<@Nullable Object> items = new ArrayList<>();
        if (skip(']')) {
            return items;
        }
        do {
            items.add(value(depth + 1));
        } while (skip(','));
        expect(']');
        return items;
    }

    private String string() {
        int from = position;
        int end = from;
        while (end < text.length() && text.charAt(end) != '"' && text.charAt(end) != '\\' && text.charAt(end) >= ' ') {
            end++;
        }
        position = end;
        if (end < text.length() && text.charAt(end) == '"') {
            position++;
            return text.substring(from, end);
        }
        StringBuilder out = new StringBuilder(text.substring(from, end));
        while (true) {
            if (position >= text.length() || text.charAt(position) < ' ') {
                throw bad("more of the string");
            }
            char c = text.charAt(position++);
            if (c == '"') {
                return out.toString();
            }
            out.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() {
        if (position >= text.length()) {
            throw bad("an escape");
        }
        char c = text.charAt(position++);
        switch (c) {
            case '"', '\\', '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                int unit = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = position < text.length() ? hexDigit(text.charAt(position)) : -1;
                    if (digit < 0) {
                        throw bad("a hex digit");
                    }
                    unit = unit << 4 | digit;
                    position++;
                }
                return (char) unit;
            default:
                position--;
                throw bad("an escape");
        }
    }

    private static int hexDigit(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private Double number() {
        int from = position;
        if (position < text.length() && text.charAt(position) == '-') {
            position++;
        }
        if (position < text.length() && text.charAt(position) == '0') {
            position++;
        } else {
            digits();
        }
        if (position < text.length() && text.charAt(position) == '.') {
            position++;
            digits();
        }
        if (position < text.length() && (text.charAt(position) | 0x20) == 'e') {
            position++;
            if (position < text.length() && (text.charAt(position) == '+' || text.charAt(position) == '-')) {
                position++;
            }
            digits();
        }
        return Double.valueOf(text.substring(from, position));
    }

    private void digits() {
        int from = position;
        while (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
            position++;
        }
        if (position == from) {
            throw bad("a value");
        }
    }

    // ---- writing

    /** Appends a value in the form of {@code JSON.stringify}. */
    static void write(StringBuilder out, @Nullable Object value) {
        if (value instanceof Map<?, ?> members) {
            char before = '{';
            for (Map.Entry<?, ?> member : members.entrySet()) {
                out.append(before);
                string(out, (String) member.getKey());
                write(out.append(':'), member.getValue());
                before = ',';
            }
            out.append(before == '{' ? "{}" : "}");
        } else if (value instanceof List<?> items) {
            char before = '[';
            for (Object item : items) {
                write(out.append(before), item);
                before = ',';
            }
            out.append(before == '[' ? "[]" : "]");
        } else if (value instanceof String string) {
            string(out, string);
        } else if (value instanceof Double number) {
            out.append(JsonNumber.text(number));
        } else {
            out.append(value);
        }
    }

    /** Appends a string with its quotes. */
    static void string(StringBuilder out, String string) {
        out.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                control(out, c);
            } else if (Character.isSurrogate(c)) {
                char after = i + 1 < string.length() ? string.charAt(i + 1) : 0;
                if (Character.isSurrogatePair(c, after)) {
                    out.append(c).append(after);
                    i++;
                } else {
                    unit(out, c);
                }
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    private static void control(StringBuilder out, char c) {
        int known = "\b\t\n\f\r".indexOf(c);
        if (known >= 0) {
            out.append('\\').append("btnfr".charAt(known));
        } else {
            unit(out, c);
        }
    }

    private static void unit(StringBuilder out, char c) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(HEX.charAt(c >> shift & 15));
        }
    }
}
