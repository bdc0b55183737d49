package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.junit.jupiter.api.Test;

class Blake2bTest {

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] reference(int digestBytes, byte[] key, byte[] message) {
        Blake2bDigest digest =
                key.length == 0 ? new Blake2bDigest(digestBytes * 8) : new Blake2bDigest(key, digestBytes, null, null);
        digest.update(message, 0, message.length);
        byte[] out = new byte[digestBytes];
        digest.doFinal(out, 0);
        return out;
    }

    private static Blake2b hash(int digestBytes, byte[] key) {
        return key.length == 0 ? new Blake2b(digestBytes) : new Blake2b(digestBytes, key);
    }

    @Test
    void digestOfTheStandardsExample() {
        // RFC 7693, appendix A
        assertThat(Vectors.hex(new Blake2b(64)
                        .update("abc".getBytes(StandardCharsets.US_ASCII))
                        .digest()))
                .isEqualTo("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                        + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    }

    @Property
    void agreesWithAnotherImplementationForAllLengthsAndKeys(
            @ForAll long seed,
            @ForAll @IntRange(max = 1200) int length,
            @ForAll @IntRange(max = 64) int keyLength,
            @ForAll @IntRange(min = 1, max = 64) int digestBytes) {
        byte[] message = random(seed, length);
        byte[] key = random(~seed, keyLength);
        assertThat(hash(digestBytes, key).update(message).digest()).isEqualTo(reference(digestBytes, key, message));
    }

    @Property
    void howTheInputIsCutDoesNotMatter(
            @ForAll long seed, @ForAll @Size(max = 12) List<@IntRange(max = 400) Integer> cuts, @ForAll boolean keyed) {
        int length = 0;
        for (int part : cuts) {
            length += part;
        }
        byte[] message = random(seed, length);
        byte[] key = random(~seed, keyed ? 32 : 0);
        Blake2b hash = hash(32, key);
        int at = 0;
        for (int i = 0; i < cuts.size(); i++) {
            int cut = cuts.get(i);
            ByteBuffer part = ByteBuffer.wrap(message, at, cut);
            switch (i % 5) {
                case 0 -> hash.update(message, at, cut);
                case 1 -> hash.update(part);
                case 2 -> hash.update(part.asReadOnlyBuffer());
                case 3 ->
                    hash.update(ByteBuffer.allocateDirect(cut + 3)
                            .order(ByteOrder.BIG_ENDIAN)
                            .position(3)
                            .put(part)
                            .position(3));
                default -> {
                    for (int j = 0; j < cut; j++) {
                        hash.update(message[at + j]);
                    }
                }
            }
            at += cut;
        }
        assertThat(hash.digest()).isEqualTo(reference(32, key, message));
    }

    @Test
    void lengthsAroundWholeBlocksAgreeWithAnotherImplementation() {
        for (int blocks = 0; blocks <= 3; blocks++) {
            for (int around = -2; around <= 2; around++) {
                int length = Math.max(0, blocks * 128 + around);
                byte[] message = random(length, length);
                for (int keyLength : new int[] {0, 1, 32, 64}) {
                    byte[] key = random(keyLength, keyLength);
                    byte[] expected = reference(32, key, message);
                    assertThat(hash(32, key).update(message).digest()).isEqualTo(expected);
                    ByteBuffer direct =
                            ByteBuffer.allocateDirect(length).put(message).flip();
                    assertThat(hash(32, key).update(direct).digest()).isEqualTo(expected);
                    assertThat(direct.remaining()).isEqualTo(length);
                }
            }
        }
    }

    @Test
    void instanceStartsAfreshAfterEachDigest() {
        byte[] key = random(1, 40);
        for (Blake2b hash : new Blake2b[] {new Blake2b(32), new Blake2b(32, key)}) {
            byte[] first = hash.update(random(2, 1000)).digest();
            byte[] target = new byte[40];
            hash.update(random(2, 1000)).digest(target, 5);
            assertThat(target).containsSequence(first);
            byte[] empty = hash.digest();
            assertThat(hash.digest()).isEqualTo(empty).isNotEqualTo(first);
        }
    }

    @Test
    void keyIsCopied() {
        byte[] key = random(1, 32);
        Blake2b hash = new Blake2b(32, key);
        byte[] before = hash.digest();
        key[0] ^= 1;
        assertThat(hash.digest()).isEqualTo(before);
    }

    @Test
    void largeInputAgreesWithAnotherImplementation() {
        byte[] message = random(9, (1 << 20) + 77);
        assertThat(Blake2b.hash(message)).isEqualTo(reference(32, new byte[0], message));
    }

    @Test
    void lengthsOutOfRangeAreRefused() {
        for (int length : new int[] {-1, 0, 65}) {
            assertThatThrownBy(() -> new Blake2b(length)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new Blake2b(32, new byte[0])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Blake2b(32, new byte[65])).isInstanceOf(IllegalArgumentException.class);
        Blake2b hash = new Blake2b(32);
        assertThatThrownBy(() -> hash.update(new byte[4], 2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> hash.digest(new byte[31], 0)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
