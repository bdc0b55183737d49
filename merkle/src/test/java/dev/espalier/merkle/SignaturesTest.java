package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignaturesTest {

    private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.UTF_8);
    private static final KeyPair PAIR = Vectors.keyPair(1);
    private static final BigInteger ORDER =
            BigInteger.ONE.shiftLeft(252).add(new BigInteger("27742317777372353535851937790883648493"));
    private static final String HONEST_R = "7db0dc9222f3c183457ddde4c708de8e5ea6bf3d5c4404cca14b32729a05c32a";
    private static final String HONEST_KEY = "61485eb624d9786700ce78888fb6f475591f00567be8e573e9829b7df1f91acd";

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    @Test
    void ownSignaturesHoldAndAreTheSameEveryTime() {
        byte[] signature = PAIR.sign(MESSAGE);
        assertThat(signature).hasSize(Signatures.BYTES).isEqualTo(PAIR.sign(MESSAGE));
        assertThat(Signatures.verify(signature, MESSAGE, PAIR.publicKey())).isTrue();
        assertThat(Signatures.verify(signature, MESSAGE, Vectors.keyPair(2).publicKey()))
                .isFalse();
        assertThat(Signatures.verify(signature, new byte[7], PAIR.publicKey())).isFalse();
    }

    @Test
    void everyFlippedBitOfASignatureIsSeen() {
        byte[] signature = PAIR.sign(MESSAGE);
        for (int bit = 0; bit < signature.length * 8; bit += 3) {
            byte[] flipped = signature.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(Signatures.verify(flipped, MESSAGE, PAIR.publicKey()))
                    .as("bit " + bit)
                    .isFalse();
        }
    }

    @Test
    void signaturesOfOtherLengthsAreNotValid() {
        byte[] signature = PAIR.sign(MESSAGE);
        for (int length : new int[] {0, 1, 63, 65, 128}) {
            assertThat(Signatures.verify(Arrays.copyOf(signature, length), MESSAGE, PAIR.publicKey()))
                    .isFalse();
        }
    }

    @Test
    void scalarMovedByTheGroupOrderIsRefused() {
        byte[] signature = PAIR.sign(MESSAGE);
        byte[] reversed = new byte[32];
        for (int i = 0; i < 32; i++) {
            reversed[31 - i] = signature[32 + i];
        }
        byte[] moved = new BigInteger(1, reversed).add(ORDER).toByteArray();
        Arrays.fill(signature, 32, 64, (byte) 0);
        for (int i = 0; i < moved.length; i++) {
            signature[32 + moved.length - 1 - i] = moved[i];
        }
        assertThat(Signatures.verify(signature, MESSAGE, PAIR.publicKey())).isFalse();
    }

    /** Verdicts of libsodium on signatures whose makers know the secret key and bend the rules. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "plain, true, message, " + HONEST_KEY + ", " + HONEST_R
                + "777f880939cce762ef9dd15017fe2ddabbf732acb92c235abf0a9101de66fd0b",
        "S beyond the order, false, message, " + HONEST_KEY + ", " + HONEST_R
                + "64537e66532ffabac53ac9f3f5f70cefbbf732acb92c235abf0a9101de66fd1b",
        "R is the identity, false, message, " + HONEST_KEY
                + ", 0100000000000000000000000000000000000000000000000000000000000000"
                + "60448d09c4116739f3362cd6318464cd4f3d7eecda95836820db510b15a27304",
        "R of order eight, false, message, " + HONEST_KEY
                + ", 26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
                + "b7f16d8c3a157a1774dfc965aeb503c0337e344f4b5e9571b455a8b1485e2b0b",
        "R of mixed order, false, message, " + HONEST_KEY
                + ", 8ea6b58beb2ecc0801fbd6c82c6dafee292cd29e8b6698bbb94c566b594d8ba9"
                + "eeee2f95114ffde840ecc5d74a50cec19deded4e6fe0522ea826f5b628e72209",
        "key of mixed order, false, message x, c4b5071740aa55004b7e86b0515410513388c139ce2db5e14d83379cee4d91d6, "
                + HONEST_R + "8003c8929a65acf29f63f4ea4d3bce1480c401f1036fa84784e422d007746404",
    })
    void craftedSignaturesMeetTheVerdictOfLibsodium(
            String title, boolean valid, String message, String publicKey, String signature) {
        assertThat(Signatures.verify(hex(signature), message.getBytes(StandardCharsets.UTF_8), Key.of(hex(publicKey))))
                .as(title)
                .isEqualTo(valid);
    }

    /** The points that libsodium lists: order 1, 2, 4 and 8, canonical and not. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
            })
    void publicKeysOfSmallOrderVerifyNothing(String point) {
        byte[] publicKey = hex(point);
        // 5·B under S = 5 satisfies the equation for every message whose hash is a multiple of the key's order.
        byte[] signature =
                hex("edc876d6831fd2105d0b4389ca2e283166469289146e2ce06faefe98b22548df" + "05" + "00".repeat(31));
        for (int i = 0; i < 64; i++) {
            byte[] message = ("m" + i).getBytes(StandardCharsets.UTF_8);
            assertThat(Signatures.verify(signature, message, Key.of(publicKey))).isFalse();
        }
    }

    @Test
    void keysThatAreNoPointVerifyNothing() {
        assertThat(Signatures.verify(PAIR.sign(MESSAGE), MESSAGE, Key.of(Vectors.fill(0xff, 32))))
                .isFalse();
        assertThat(Signatures.verify(PAIR.sign(MESSAGE), MESSAGE, Key.of(Vectors.fill(2, 32))))
                .isFalse();
    }
}
