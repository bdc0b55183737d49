package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33, 64})
    void keysHashesSeedsAndPrimaryKeysHaveThirtyTwoBytes(int length) {
        byte[] bytes = new byte[length];
        assertThatThrownBy(() -> Key.of(bytes)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Hash.of(bytes)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Hash.fromHex(HexFormat.of().formatHex(bytes)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KeyPair.fromSeed(bytes)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StoreKeys.keyPair(bytes, StoreKeys.DEFAULT_NAMESPACE, "name"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BlockEncryption.ofBlockKey(bytes)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void bytesAreCopiedInAndOut() {
        byte[] bytes = Vectors.fill(5, 32);
        Key key = Key.of(bytes);
        Hash hash = Hash.of(bytes);
        KeyPair pair = KeyPair.fromSeed(bytes);
        bytes[0] = 6;
        key.bytes()[1] = 6;
        hash.bytes()[1] = 6;
        pair.seed()[1] = 6;
        assertThat(key.bytes()).isEqualTo(Vectors.fill(5, 32));
        assertThat(hash.bytes()).isEqualTo(Vectors.fill(5, 32));
        assertThat(pair.seed()).isEqualTo(Vectors.fill(5, 32));
        assertThat(Hash.of(Vectors.fill(5, 40), 8)).isEqualTo(hash);
    }

    @Test
    void keysAndHashesAreComparedAsBytes() {
        Key low = Key.of(Vectors.fill(0x01, 32));
        Key high = Key.of(Vectors.fill(0xf0, 32));
        assertThat(low).isLessThan(high).isNotEqualTo(high).isEqualTo(Key.of(Vectors.fill(0x01, 32)));
        assertThat(low.hashCode()).isEqualTo(Key.of(Vectors.fill(0x01, 32)).hashCode());
        assertThat(Hash.fromHex("0F".repeat(32)))
                .isEqualTo(Hash.of(Vectors.fill(0x0f, 32)))
                .hasToString("0f".repeat(32))
                .hasSameHashCodeAs(Hash.of(Vectors.fill(0x0f, 32)));
    }

    @Test
    void secretsAreNotPrinted() {
        KeyPair pair = Vectors.keyPair(3);
        assertThat(pair.toString())
                .contains(pair.publicKey().toString())
                .doesNotContain(HexFormat.of().formatHex(pair.seed()))
                .doesNotContain(ZBase32.encode(pair.seed()));
        assertThat(KeyPair.random().publicKey()).isNotEqualTo(KeyPair.random().publicKey());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pear://", "pear:///path", "PEAR://x", "nonsense", "pear://é", "://"})
    void textsThatNameNoKeyAreRefusedWithTheText(String text) {
        assertThatThrownBy(() -> Key.parse(text))
                .isInstanceOf(EspalierException.class)
                .hasMessageContaining("\"" + text + "\"");
    }

    @Test
    void longTextsAreShortenedInMessages() {
        assertThatThrownBy(() -> Key.parse("x".repeat(10_000)))
                .isInstanceOf(EspalierException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    @Test
    void validTextConsistsOfDigitsOnly() {
        assertThat(ZBase32.isValid("ybndr")).isTrue();
        assertThat(ZBase32.isValid("YBNDR")).isFalse();
        assertThat(ZBase32.isValid("yb-dr")).isFalse();
        assertThat(ZBase32.isValid("ybéé")).isFalse();
        assertThatThrownBy(() -> ZBase32.decode("yb€d"))
                .isInstanceOf(EncodingException.class)
                .hasMessageContaining("position 2");
    }
}
