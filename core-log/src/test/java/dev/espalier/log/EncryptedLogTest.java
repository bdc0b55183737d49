package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.merkle.BlockCipher;
import dev.espalier.merkle.BlockEncryption;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs that are encrypted, against the known answers of the JavaScript packages and against each other. */
class EncryptedLogTest {

    private static final byte[] KEY = fill(0x42);

    @TempDir
    Path folder;

    private static byte[] fill(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static LogOptions options(JsonObject mode) {
        byte[] key = Vectors.hex(mode.get("encryptionKey"));
        return mode.get("mode").getAsString().equals("block")
                ? LogOptions.encryptedWithBlockKey(key)
                : LogOptions.encrypted(key);
    }

    private static Log open(LogStore store, JsonObject mode, LogOptions options) {
        KeyPair pair = Vectors.pair(mode);
        Key key = Key.of(Vectors.hex(mode.get("coreKey")));
        try (Log plain = key.equals(pair.publicKey())
                ? store.log(key, pair)
                : store.log(Manifest.singleSigner(pair.publicKey()), pair)) {
            assertThat(plain.key()).isEqualTo(key);
            return plain.session(options);
        }
    }

    @Test
    void everyModeStoresWhatTheVectorsSay() {
        int count = 0;
        for (JsonElement element : Vectors.object("encryption").getAsJsonArray("modes")) {
            JsonObject mode = element.getAsJsonObject();
            try (LogStore store = LogStore.open(folder.resolve(mode.get("mode").getAsString()));
                    Log log = open(store, mode, options(mode));
                    Log raw = log.session(LogOptions.PLAIN)) {
                for (JsonElement row : mode.getAsJsonArray("blocks")) {
                    JsonObject block = row.getAsJsonObject();
                    long index = block.get("index").getAsLong();
                    long fork = block.get("fork").getAsLong();
                    byte[] plain = Vectors.hex(block.get("plain"));
                    if (fork > log.fork()) {
                        log.truncate(index, fork);
                    }
                    assertThat(log.append(plain)).isEqualTo(index + 1);

                    assertThat(raw.get(index)).isEqualTo(Vectors.hex(block.get("stored")));
                    assertThat(log.get(index)).isEqualTo(plain);
                    assertThat(log.blockLength(index)).isEqualTo(plain.length);
                    assertThat(raw.blockLength(index)).isEqualTo(plain.length + 8);
                    count++;
                }
                assertThat(log.treeHash()).hasToString(mode.get("treeHash").getAsString());
                assertThat(log.byteLength())
                        .isEqualTo(mode.get("plainByteLength").getAsLong());
                assertThat(raw.byteLength())
                        .isEqualTo(mode.get("storedByteLength").getAsLong());
                assertThat(log.padding()).isEqualTo(mode.get("padding").getAsInt());
            }
        }
        assertThat(count).isEqualTo(18);
    }

    @Test
    void paddingDoesNotCountInSeeksAndProofsHoldWhatIsStored() {
        JsonObject section = Vectors.object("encryption").getAsJsonObject("paddedSeeks");
        KeyPair pair = KeyPair.fromSeed(fill(1));
        try (LogStore store = LogStore.open(folder);
                Log plain = store.log(Manifest.singleSigner(pair.publicKey()), pair);
                Log log = plain.session(LogOptions.encrypted(KEY))) {
            for (String text : List.of("hello", "world", "!", "abc", "de")) {
                log.append(utf8(text));
            }
            for (JsonElement element : section.getAsJsonArray("seeks")) {
                JsonArray vector = element.getAsJsonArray();
                JsonArray expected = vector.get(1).getAsJsonArray();
                assertThat(log.seek(vector.get(0).getAsLong()))
                        .hasValue(new Log.Position(
                                expected.get(0).getAsLong(), expected.get(1).getAsLong()));
            }
            ProofRequest ask = ProofRequest.ofBlock(3, 0);
            assertThat(encoded(log.prove(ask))).isEqualTo(encoded(plain.prove(ask)));
        }
    }

    private static byte[] encoded(Proof proof) {
        CompactWriter out = new CompactWriter();
        proof.encode(out, 1);
        return out.toByteArray();
    }

    @Test
    void theDbOfAnEncryptedDriveIsAsInTheVectors() {
        JsonObject drive = Vectors.drive("encryptedDrive");
        JsonArray plain = drive.getAsJsonArray("dbPlain");
        JsonArray stored = drive.getAsJsonArray("dbRaw");
        byte[] encryptionKey = Vectors.hex(drive.get("encryptionKey"));
        Key key = Key.of(Vectors.hex(drive.get("key")));
        // Only the key of the db goes into its blocks, so any log of that key will do.
        BlockCipher cipher = BlockEncryption.of(key, false, encryptionKey);
        try (LogStore store = LogStore.open(folder);
                Log plainLog = store.log("db");
                Log log = plainLog.session(LogOptions.encrypted(cipher))) {
            for (int i = 0; i < plain.size(); i++) {
                log.append(Vectors.hex(plain.get(i)));
                assertThat(plainLog.get(i)).isEqualTo(Vectors.hex(stored.get(i)));
                assertThat(log.get(i)).isEqualTo(Vectors.hex(plain.get(i)));
            }
            assertThat(log.treeHash()).hasToString(drive.get("dbTreeHash").getAsString());
        }
    }

    @Test
    void aReaderWithTheKeyDecryptsWhatComesAndOneWithoutSeesWhatIsStored() {
        try (LogStore store = LogStore.open(folder.resolve("from"));
                Log log = store.log("secret", LogOptions.encrypted(KEY));
                LogStore other = LogStore.open(folder.resolve("to"));
                Log reader = other.log(log.key(), LogOptions.encrypted(KEY));
                Log raw = other.log(log.key())) {
            assertThat(reader.byteLength()).isZero();
            assertThat(reader.manifest()).isNull();
            log.append(
                    List.of(ByteBuffer.wrap(utf8("one")), ByteBuffer.wrap(utf8("")), ByteBuffer.wrap(utf8("three"))));

            Proof upgrade = log.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 3), true));
            assertThat(raw.apply(upgrade)).isTrue();
            for (int i = 0; i < 3; i++) {
                assertThat(raw.apply(log.prove(ProofRequest.ofBlock(i, i < 2 ? 1 : 0))))
                        .isTrue();
            }
            assertThat(reader.get(0)).isEqualTo(utf8("one"));
            assertThat(reader.get(1)).isEmpty();
            assertThat(reader.read(2, block -> {
                        byte[] copy = new byte[block.remaining()];
                        block.get(copy);
                        assertThat(copy).isEqualTo(utf8("three"));
                        assertThat(block.isReadOnly()).isTrue();
                    }))
                    .isTrue();
            try (BlockView view = reader.view(2).orElseThrow()) {
                assertThat(view.bytes()).isEqualTo(ByteBuffer.wrap(utf8("three")));
            }
            assertThat(reader.byteLength()).isEqualTo(8);
            assertThat(raw.get(0)).hasSize(11);
            assertThat(Arrays.copyOfRange(raw.get(0), 8, 11)).isNotEqualTo(utf8("one"));
            assertThat(raw.treeHash()).isEqualTo(log.treeHash());
            try (Log guest = reader.guest();
                    Log session = reader.session()) {
                assertThat(guest.get(0)).isEqualTo(raw.get(0));
                assertThat(session.get(0)).isEqualTo(utf8("one"));
            }
        }
    }

    @Test
    void aReaderOfAnOldLogKnownByKeyAloneDecryptsOnceItKnowsThatItIsOld() {
        KeyPair pair = KeyPair.fromSeed(fill(7));
        try (LogStore store = LogStore.open(folder.resolve("from"));
                Log plain = store.log(pair.publicKey(), pair);
                Log log = plain.session(LogOptions.encrypted(KEY));
                LogStore other = LogStore.open(folder.resolve("to"));
                Log reader = other.log(log.key(), LogOptions.encrypted(KEY))) {
            log.append(utf8("from before manifests"));
            assertThat(reader.apply(log.prove(new ProofRequest(
                            new ProofRequest.Node(0, 0), null, null, new ProofRequest.Upgrade(0, 1), true))))
                    .isTrue();
            assertThat(reader.get(0)).isEqualTo(utf8("from before manifests"));
        }
    }

    @Test
    void aBlockThatIsTooShortToBeEncryptedIsAnErrorAndNothingElse() {
        try (LogStore store = LogStore.open(folder);
                Log plain = store.log("short");
                Log log = plain.session(LogOptions.encrypted(KEY))) {
            plain.append(utf8("seven b"));
            assertThatThrownBy(() -> log.get(0)).hasMessageContaining("at least 8");
            assertThatThrownBy(() -> log.blockLength(0)).hasMessageContaining("at least 8");
            assertThat(log.getAsync(0)).isCompletedExceptionally();
            assertThat(log.byteLength()).isZero();
            log.append(utf8("fine"));
            assertThat(log.get(1)).isEqualTo(utf8("fine"));
        }
    }

    @Test
    void theSameBlockIsStoredInOtherBytesAfterATruncation() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("log", LogOptions.encrypted(KEY));
                Log raw = log.session(LogOptions.PLAIN)) {
            log.append(utf8("block"));
            String before = HexFormat.of().formatHex(raw.get(0));
            log.truncate(0);
            log.append(utf8("block"));
            assertThat(HexFormat.of().formatHex(raw.get(0))).isNotEqualTo(before);
            assertThat(log.get(0)).isEqualTo(utf8("block"));
        }
    }

    @Test
    void anEncryptionKeyHas32Bytes() {
        assertThatThrownBy(() -> LogOptions.encrypted(new byte[31])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LogOptions.encryptedWithBlockKey(new byte[33]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
