package dev.espalier.release.multisig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Signatures;
import dev.espalier.release.Vectors;
import dev.espalier.release.multisig.KeyFile.Encoding;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KeyFileTest {

    private static final KeyCost FAST = new KeyCost(524_288, 16_777_216);
    private static final byte[] PASSWORD = utf8("correct horse battery");

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] hex(JsonObject vector, String name) {
        return HexFormat.of().parseHex(vector.get(name).getAsString());
    }

    private static String text(JsonObject vector, String name) {
        return vector.get(name).getAsString();
    }

    @TestFactory
    Stream<DynamicTest> keyFilesOfTheVectorsAreReadInBothEncodings() {
        return Vectors.list("keyFiles")
                .map(v -> DynamicTest.dynamicTest(text(v, "name"), () -> {
                    for (byte[] content : List.of(hex(v, "blob"), utf8(text(v, "secretFileZ32") + "\n"))) {
                        KeyFile file = KeyFile.read(content);
                        assertThat(file.version())
                                .isEqualTo(v.get("fileVersion").getAsInt());
                        assertThat(file.content(Encoding.RAW)).isEqualTo(hex(v, "blob"));
                        assertThat(file.content(Encoding.TEXT)).isEqualTo(utf8(text(v, "secretFileZ32")));
                        if (file.version() > 0) {
                            assertThat(file.publicKey()).isNotNull();
                            assertThat(file.publicKey().bytes()).isEqualTo(hex(v, "publicKey"));
                        } else {
                            assertThat(file.publicKey()).isNull();
                        }
                        JsonObject kdf = v.getAsJsonObject("kdf");
                        KeyCost.Parameters scrypt = file.cost().parameters();
                        assertThat(scrypt.n()).isEqualTo(kdf.get("N").getAsInt());
                        assertThat(scrypt.r()).isEqualTo(kdf.get("r").getAsInt());
                        assertThat(scrypt.p()).isEqualTo(kdf.get("p").getAsInt());
                    }
                    assertThat(KeyFile.readPublicKey(utf8(text(v, "publicFileZ32")))
                                    .bytes())
                            .isEqualTo(hex(v, "publicKey"));
                    assertThat(KeyFile.readPublicKey(hex(v, "publicKey")).bytes())
                            .isEqualTo(hex(v, "publicKey"));
                }));
    }

    /** Those of the standard cost take a GiB each; one of them is opened by {@link StandardCostTest}. */
    @TestFactory
    Stream<DynamicTest> cheapKeyFilesOfTheVectorsAreOpened() {
        return Vectors.list("keyFiles")
                .filter(v -> text(v, "name").contains("fast"))
                .map(v -> DynamicTest.dynamicTest(text(v, "name"), () -> {
                    KeyFile file = KeyFile.read(hex(v, "blob"));
                    try (SecretKey key = file.unlock(utf8(text(v, "password")))) {
                        byte[] secret = new byte[64];
                        key.copyTo(secret, 0);
                        assertThat(secret).isEqualTo(hex(v, "secretKey"));
                        assertThat(key.publicKey().bytes()).isEqualTo(hex(v, "publicKey"));
                    }
                    assertThatThrownBy(() -> file.unlock(utf8("correct horse batterz")))
                            .hasMessageContaining("Key decryption failed")
                            .extracting("code")
                            .isEqualTo("ERR_WRONG_PASSWORD");
                }));
    }

    @Test
    void aLockedKeyIsOpenedByItsPasswordOnly() {
        try (SecretKey key = SecretKey.random()) {
            KeyFile file = KeyFile.lock(key, PASSWORD, FAST);
            assertThat(file.content(Encoding.RAW)).hasSize(186);
            assertThat(file.content(Encoding.TEXT)).hasSize(298);
            KeyFile again = KeyFile.read(file.content(Encoding.TEXT));
            try (SecretKey opened = again.unlock(PASSWORD)) {
                assertThat(opened.publicKey()).isEqualTo(key.publicKey());
                byte[] message = utf8("message");
                assertThat(Signatures.verify(opened.sign(message), message, key.publicKey()))
                        .isTrue();
            }
            assertThatThrownBy(() -> again.unlock(utf8("another password")))
                    .extracting("code")
                    .isEqualTo("ERR_WRONG_PASSWORD");
        }
    }

    @Test
    void aClosedKeyIsWipedAndSignsNothing() {
        SecretKey key = SecretKey.random();
        key.close();
        assertThatThrownBy(() -> key.sign(new byte[1])).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> key.copyTo(new byte[64], 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aFileThatNamesAnotherPublicKeySignsNothing() {
        try (SecretKey key = SecretKey.random();
                SecretKey other = SecretKey.random()) {
            byte[] blob = KeyFile.lock(key, PASSWORD, FAST).content(Encoding.RAW);
            System.arraycopy(other.publicKey().bytes(), 0, blob, blob.length - 32, 32);
            assertThatThrownBy(() -> KeyFile.read(blob).unlock(PASSWORD))
                    .hasMessageContaining("holds the secret of " + key.publicKey())
                    .extracting("code")
                    .isEqualTo("ERR_INVALID_KEY");
        }
    }

    /** The low bits of the limits change nothing: scrypt rounds them. */
    @Test
    void noFlippedBitGivesAnotherKey() {
        try (SecretKey key = SecretKey.random()) {
            byte[] blob =
                    KeyFile.lock(key, PASSWORD, new KeyCost(32_768, 1 << 20)).content(Encoding.RAW);
            int opened = 0;
            for (int at = 0; at < blob.length; at += 3) {
                byte[] flipped = blob.clone();
                flipped[at] ^= 1;
                try (SecretKey same = KeyFile.read(flipped).unlock(PASSWORD)) {
                    assertThat(same.publicKey()).as("byte %s", at).isEqualTo(key.publicKey());
                    assertThat(at).isBetween(1, 16);
                    opened++;
                } catch (EspalierException e) {
                    assertThat(e.code()).isIn("ERR_INVALID_KEY", "ERR_WRONG_PASSWORD", "ERR_KEY_MEMORY");
                }
            }
            assertThat(opened).isLessThan(6);
        }
    }

    @Test
    void whatIsNoKeyFileIsRefused() {
        byte[] blob = hex(Vectors.list("keyFiles").toList().get(1), "blob");
        byte[] newer = blob.clone();
        newer[0] = 2;
        assertRefused(newer).hasMessageContaining("version 2");
        assertRefused(Arrays.copyOf(blob, 100));
        assertRefused(new byte[0]);
        assertRefused(new byte[100_000]);
        assertRefused(utf8("not a key file!"));
        assertRefused(utf8("yyyy"));
        assertThatThrownBy(() -> KeyFile.readPublicKey(utf8("yyyy")))
                .extracting("code")
                .isEqualTo("ERR_INVALID_KEY");
    }

    private static AbstractThrowableAssert<?, ?> assertRefused(byte[] content) {
        return assertThatThrownBy(() -> KeyFile.read(content))
                .satisfies(e -> assertThat(((EspalierException) e).code()).isEqualTo("ERR_INVALID_KEY"));
    }

    @Test
    void aFileThatAsksForTooMuchIsRefusedBeforeAnythingIsAllocated() {
        for (KeyCost cost : List.of(
                new KeyCost(33_554_432, (4L << 30) + 1),
                new KeyCost(Long.MAX_VALUE, 16 << 20),
                new KeyCost(33_554_432, Long.MAX_VALUE))) {
            assertThatThrownBy(cost::parameters).extracting("code").isEqualTo("ERR_INVALID_KEY");
        }
        assertThat(new KeyCost(1L << 32, 4L << 30).parameters().memory()).isLessThanOrEqualTo((4L << 30) + (1 << 20));
    }

    @Test
    void lackOfMemoryIsToldWithTheSettingThatHelps() {
        assertThatThrownBy(
                        () -> KeyCost.checkMemory(KeyCost.STANDARD.parameters().memory(), () -> 512L << 20))
                .hasMessageContaining("takes 1024 MiB")
                .hasMessageContaining("only 512 MiB")
                .hasMessageContaining("-Xmx1280m")
                .extracting("code")
                .isEqualTo("ERR_KEY_MEMORY");
    }

    @Test
    void aShortPasswordIsRefused() {
        try (SecretKey key = SecretKey.random()) {
            assertThatThrownBy(() -> KeyFile.lock(key, utf8("1234567"), FAST))
                    .hasMessageContaining("at least 8 bytes")
                    .extracting("code")
                    .isEqualTo("ERR_INVALID_INPUT");
        }
    }

    @Test
    void nothingPrintsASecret() {
        try (SecretKey key = SecretKey.random()) {
            byte[] secret = new byte[64];
            key.copyTo(secret, 0);
            String hex = HexFormat.of().formatHex(secret, 0, 32);
            assertThat(key.toString()).contains(key.publicKey().toString()).doesNotContain(hex);
            assertThat(KeyFile.lock(key, PASSWORD, FAST).toString()).doesNotContain(hex);
        }
    }
}
