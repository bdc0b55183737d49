package dev.espalier.drive;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The known answers of {@code vectors/drive.json}, made by the JavaScript packages. */
final class Vectors {

    static final JsonObject DRIVE = load();

    private Vectors() {}

    private static JsonObject load() {
        try (InputStream in = Vectors.class.getResourceAsStream("/vectors/drive.json")) {
            if (in == null) {
                throw new IllegalStateException("vectors/drive.json is not on the class path");
            }
            Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8);
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void passed(String group, int count) {
        System.out.println("vectors drive.json " + group + ": " + count + " passed");
    }

    static byte[] unhex(JsonElement hex) {
        return HexFormat.of().parseHex(hex.getAsString());
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static byte @Nullable [] utf8(@Nullable JsonElement text) {
        return text == null || text.isJsonNull() ? null : text.getAsString().getBytes(StandardCharsets.UTF_8);
    }

    static @Nullable String text(byte @Nullable [] utf8) {
        return utf8 == null ? null : new String(utf8, StandardCharsets.UTF_8);
    }

    static String sha256(byte[] bytes) {
        try {
            return hex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Bytes 0 to n - 1 of the generator of the vectors. */
    static byte[] bytes(int seed, int n) {
        Xorshift random = new Xorshift(seed);
        byte[] bytes = new byte[n];
        for (int i = 0; i < n; i++) {
            bytes[i] = (byte) random.next();
        }
        return bytes;
    }

    /** The generator of the vectors. */
    static final class Xorshift {
        private int x;

        Xorshift(int seed) {
            this.x = seed;
        }

        /** 0 to 2^32-1. */
        long next() {
            x ^= x << 13;
            x ^= x >>> 17;
            x ^= x << 5;
            return x & 0xffffffffL;
        }
    }
}
