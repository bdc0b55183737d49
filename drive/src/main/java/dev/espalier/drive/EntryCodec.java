package dev.espalier.drive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Entries as keys and values of the tree (drive specification §3.3): key {@code files} 00 path, value JSON.
 *
 * <p><b>Threading:</b> stateless.
 */
final class EntryCodec {

    /** Before each path in a key. */
    private static final byte[] PREFIX = "files\0".getBytes(StandardCharsets.US_ASCII);

    /** The first key after all those with the prefix. */
    private static final byte[] PREFIX_END = "files\1".getBytes(StandardCharsets.US_ASCII);

    private EntryCodec() {}

    static byte[] key(String path) {
        byte[] utf8 = DrivePath.utf8(path);
        byte[] key = Arrays.copyOf(PREFIX, PREFIX.length + utf8.length);
        System.arraycopy(utf8, 0, key, PREFIX.length, utf8.length);
        return key;
    }

    /** Whether a key of the tree is that of an entry. */
    static boolean isEntry(byte[] key) {
        return key.length >= PREFIX.length && Arrays.equals(key, 0, PREFIX.length, PREFIX, 0, PREFIX.length);
    }

    static String path(byte[] key) {
        return new String(key, PREFIX.length, key.length - PREFIX.length, StandardCharsets.UTF_8);
    }

    /** Keys of all entries. */
    static KeyRange all() {
        return KeyRange.ALL.from(PREFIX).before(PREFIX_END);
    }

    /** Keys of the entries below a folder, which has no slash at its end: {@code 0} is the byte after the slash. */
    static KeyRange below(String folder) {
        return KeyRange.ALL.after(key(folder + "/")).before(key(folder + "0"));
    }

    static KeyRange range(PathRange range) {
        KeyRange keys = all().limit(range.limit());
        if (range.gt() != null) {
            keys = keys.after(key(range.gt()));
        } else if (range.gte() != null) {
            keys = keys.from(key(range.gte()));
        }
        if (range.lt() != null) {
            keys = keys.before(key(range.lt()));
        } else if (range.lte() != null) {
            keys = keys.to(key(range.lte()));
        }
        return range.reverse() ? keys.reversed() : keys;
    }

    /** The value of an entry, to the byte as JavaScript writes it. */
    static byte[] value(Entry entry) {
        StringBuilder out = new StringBuilder(160);
        out.append("{\"executable\":").append(entry.executable()).append(",\"linkname\":");
        if (entry.linkname() == null) {
            out.append("null");
        } else {
            Json.string(out, entry.linkname());
        }
        out.append(",\"blob\":");
        BlobId blob = entry.blob();
        if (blob == null) {
            out.append("null");
        } else {
            out.append("{\"blockOffset\":").append(blob.blockOffset());
            out.append(",\"byteOffset\":").append(blob.byteOffset());
            out.append(",\"blockLength\":").append(blob.blockLength());
            out.append(",\"byteLength\":").append(blob.byteLength());
            out.append(blob.blockMap() ? ",\"blockMap\":true}" : "}");
        }
        out.append(",\"metadata\":")
                .append(entry.metadata() == null ? "null" : entry.metadata())
                .append('}');
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Reads an item of the tree; {@code ERR_CORRUPT} when it is no entry. */
    static Entry entry(TreeItem item) {
        String path = path(item.key());
        byte[] value = item.value();
        Entry plain = value == null ? null : PlainEntry.read(item.seq(), path, value);
        if (plain != null) {
            return plain;
        }
        try {
            Object parsed = value == null ? null : Json.parse(new String(value, StandardCharsets.UTF_8));
            if (!(parsed instanceof Map<?, ?> members)) {
                throw new IllegalArgumentException("no JSON object");
            }
            String linkname = members.get("linkname") instanceof String link ? link : null;
            Object metadata = members.get("metadata");
            return new Entry(
                    item.seq(),
                    path,
                    isTruthy(members.get("executable")),
                    linkname,
                    blob(members.get("blob")),
                    metadata == null ? null : JsonText.ofParsed(metadata));
        } catch (IllegalArgumentException e) {
            throw Failures.corrupt(
                    "The entry \"" + path + "\" in block " + item.seq() + " cannot be read: " + e.getMessage() + ".");
        }
    }

    private static @Nullable BlobId blob(@Nullable Object value) {
        if (!isTruthy(value)) {
            return null;
        }
        if (!(value instanceof Map<?, ?> members)) {
            throw new IllegalArgumentException("its blob is no JSON object");
        }
        return new BlobId(
                number(members, "blockOffset"),
                number(members, "byteOffset"),
                number(members, "blockLength"),
                number(members, "byteLength"),
                isTruthy(members.get("blockMap")));
    }

    private static long number(Map<?, ?> members, String name) {
        if (members.get(name) instanceof Double number
                && number >= 0
                && number <= WireReader.MAX_NUMBER
                && number == Math.rint(number)) {
            return number.longValue();
        }
        throw new IllegalArgumentException("its " + name + " is no whole number from 0 to 2^53-1");
    }

    /** Truth in the sense of JavaScript. */
    private static boolean isTruthy(@Nullable Object value) {
        if (value instanceof Boolean truth) {
            return truth;
        }
        if (value instanceof Double number) {
            return number != 0 && !number.isNaN();
        }
        return value != null && !value.equals("");
    }
}
