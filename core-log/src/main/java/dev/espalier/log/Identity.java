package dev.espalier.log;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.StoreKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a log is, apart from its blocks: the content of its {@code identity} file, which is written last when a log is
 * made. The payload of the file is a row of fields, each {@code uint tag ‖ buffer}:
 *
 * <pre>
 * tag  buffer
 *   1  key, 32 bytes
 *   2  manifest, as it was received or built
 *   3  signer derived from the store: namespace, 32 bytes ‖ name, UTF-8
 *   4  signer given from outside: seed, 32 bytes
 *   5  user data, once per name: string name ‖ buffer value
 * 128  empty: the log was restored, and may lack what was appended to the original since
 * </pre>
 *
 * <p>Unknown tags below 128 are kept as they are; any other unknown tag makes the log unreadable for this version.
 *
 * <p><b>Threading:</b> immutable; maps and arrays inside are not to be changed.
 *
 * @param key key of the log
 * @param manifest null as long as it is not known
 * @param signer who appends, or null for a reader
 * @param userData local notes by name
 * @param restored whether the log came from a copy and must not be signed before it is known to be the newest
 * @param unknown fields of a newer version
 */
record Identity(
        Key key,
        @Nullable Manifest manifest,
        @Nullable SignerSource signer,
        Map<String, byte[]> userData,
        boolean restored,
        List<Field> unknown) {

    private static final int KEY = 1;
    private static final int MANIFEST = 2;
    private static final int DERIVED = 3;
    private static final int SEED = 4;
    private static final int USER_DATA = 5;
    private static final int CRITICAL = 128;
    private static final int RESTORED = 128;

    /** A field that this version has no meaning for. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Field(long tag, byte[] value) {}

    /** Where the key pair of a log comes from. */
    sealed interface SignerSource {

        KeyPair keyPair(byte[] primaryKey);
    }

    /** Derived from the store's primary key. */
    record Derived(Hash namespace, String name) implements SignerSource {

        @Override
        public KeyPair keyPair(byte[] primaryKey) {
            return StoreKeys.keyPair(primaryKey, namespace, name);
        }
    }

    /** Given from outside. */
    record Given(KeyPair pair) implements SignerSource {

        @Override
        public KeyPair keyPair(byte[] primaryKey) {
            return pair;
        }
    }

    static Identity of(Key key, @Nullable Manifest manifest, @Nullable SignerSource signer) {
        return new Identity(key, manifest, signer, Map.of(), false, List.of());
    }

    Identity withManifest(Manifest learnt) {
        return new Identity(key, learnt, signer, userData, restored, unknown);
    }

    Identity withSigner(SignerSource source) {
        return new Identity(key, manifest, source, userData, restored, unknown);
    }

    Identity withUserData(String name, byte @Nullable [] value) {
        Map<String, byte[]> changed = new TreeMap<>(userData);
        if (value == null) {
            changed.remove(name);
        } else {
            changed.put(name, value.clone());
        }
        return new Identity(key, manifest, signer, changed, restored, unknown);
    }

    Identity withRestored(boolean is) {
        return new Identity(key, manifest, signer, userData, is, unknown);
    }

    /** Writes the file, readable by its owner only since it may hold a seed. */
    void write(Storage storage, Path file) {
        CompactWriter out = new CompactWriter(256);
        out.uint(KEY).buffer(key.bytes());
        if (manifest != null) {
            out.uint(MANIFEST).buffer(manifest.encoded());
        }
        if (signer instanceof Derived derived) {
            CompactWriter value = new CompactWriter().hash(derived.namespace());
            out.uint(DERIVED).buffer(value.raw(utf8(derived.name())).toByteArray());
        } else if (signer instanceof Given given) {
            out.uint(SEED).buffer(given.pair().seed());
        }
        userData.forEach((name, value) -> out.uint(USER_DATA)
                .buffer(new CompactWriter().string(name).buffer(value).toByteArray()));
        if (restored) {
            out.uint(RESTORED).buffer(new byte[0]);
        }
        for (Field field : unknown) {
            out.uint(field.tag()).buffer(field.value());
        }
        RecordFile.write(storage, file, FileKind.IDENTITY, LogFolder.tag(key.discoveryKey()), out, true);
    }

    /** Reads the file of a log; null when there is none. */
    static @Nullable Identity read(Storage storage, Path file, Key discoveryKey) {
        CompactReader in = RecordFile.read(storage, file, FileKind.IDENTITY, LogFolder.tag(discoveryKey));
        if (in == null) {
            return null;
        }
        Key key = null;
        Manifest manifest = null;
        SignerSource signer = null;
        Map<String, byte[]> userData = new TreeMap<>();
        boolean restored = false;
        List<Field> unknown = new ArrayList<>();
        while (in.remaining() > 0) {
            long tag = in.uint();
            byte[] value = in.buffer();
            CompactReader field = new CompactReader(value);
            switch ((int) tag) {
                case KEY -> key = Key.of(field.fixed(Key.BYTES));
                case MANIFEST -> manifest = Manifest.decode(field);
                case DERIVED -> signer = new Derived(field.hash(), utf8(field.fixed(field.remaining())));
                case SEED -> signer = new Given(KeyPair.fromSeed(field.fixed(KeyPair.BYTES)));
                case USER_DATA -> userData.put(field.string(), field.buffer());
                case RESTORED -> restored = true;
                default -> {
                    if (tag >= CRITICAL) {
                        throw new UnsupportedVersionException(
                                file,
                                "a field of the log's identity",
                                "up to " + USER_DATA + ", and " + RESTORED,
                                Long.toString(tag));
                    }
                    unknown.add(new Field(tag, value));
                }
            }
        }
        if (key == null || !key.discoveryKey().equals(discoveryKey)) {
            throw new CorruptLogException(
                    file,
                    FileHeader.BYTES,
                    "Key of the log",
                    "one with discovery key " + discoveryKey.hex(),
                    key == null ? "none" : key.hex());
        }
        return new Identity(key, manifest, signer, userData, restored, List.copyOf(unknown));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String utf8(byte[] text) {
        return new String(text, StandardCharsets.UTF_8);
    }
}
