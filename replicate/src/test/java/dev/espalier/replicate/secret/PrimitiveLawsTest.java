package dev.espalier.replicate.secret;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.KeyPair;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bouncycastle.crypto.params.KeyParameter;

class PrimitiveLawsTest {

    /** Bytes are often 0 or 255: carries through all limbs are rare otherwise. */
    @Property(tries = 2000)
    void poly1305AgreesWithBouncyCastle(@ForAll @IntRange(max = 200) int length, @ForAll long seed) {
        Random random = new Random(seed);
        byte[] key = extreme(random, 32);
        byte[] message = extreme(random, length);
        org.bouncycastle.crypto.macs.Poly1305 reference = new org.bouncycastle.crypto.macs.Poly1305();
        reference.init(new KeyParameter(key));
        reference.update(message, 0, length);
        byte[] expected = new byte[16];
        reference.doFinal(expected, 0);

        int blocks = length / 16;
        int inArray = blocks == 0 ? 0 : random.nextInt(blocks + 1);
        Poly1305 poly = new Poly1305();
        poly.start(key, 0);
        poly.update(message, 0, inArray);
        ByteBuffer buffer = random.nextBoolean() ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
        poly.update(buffer.put(message), inArray * 16, blocks - inArray);
        byte[] code = new byte[16];
        poly.finish(Arrays.copyOfRange(message, blocks * 16, length), length % 16, code);
        assertThat(code).isEqualTo(expected);
    }

    private static byte[] extreme(Random random, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            int kind = random.nextInt(4);
            bytes[i] = (byte) (kind == 0 ? 0 : kind == 1 ? random.nextInt() : 255);
        }
        return bytes;
    }

    /** RFC 8439, A.3, test vectors 7 to 10: results at the edge of the modulus. */
    @Example
    void poly1305ReducesAtTheEdgeOfTheModulus() {
        assertCode("02", "00", "ffffffffffffffffffffffffffffffff", "03");
        assertCode("02", "ffffffffffffffffffffffffffffffff", "02", "03");
        assertCode(
                "01",
                "00",
                "ffffffffffffffffffffffffffffffff" + "f0ffffffffffffffffffffffffffffff"
                        + "11000000000000000000000000000000",
                "05");
        assertCode(
                "01",
                "00",
                "ffffffffffffffffffffffffffffffff" + "fbfefefefefefefefefefefefefefefe"
                        + "01010101010101010101010101010101",
                "00");
        assertCode("02", "00", "fdffffffffffffffffffffffffffffff", "faffffffffffffffffffffffffffffff");
    }

    private static void assertCode(String r, String s, String message, String expected) {
        byte[] key = Arrays.copyOf(Arrays.copyOf(hex(r), 16), 32);
        System.arraycopy(hex(s), 0, key, 16, hex(s).length);
        byte[] bytes = hex(message);
        byte[] padded = Arrays.copyOf(bytes, (bytes.length + 15) / 16 * 16);
        Poly1305 poly = new Poly1305();
        poly.start(key, 0);
        poly.update(ByteBuffer.wrap(padded), 0, padded.length / 16);
        byte[] code = new byte[16];
        poly.finish(new byte[0], 0, code);
        assertThat(code).isEqualTo(Arrays.copyOf(hex(expected), 16));
    }

    @Property(tries = 50)
    void bothSidesOfAnAgreementComputeTheSamePoint(@ForAll long seed) {
        Random random = new Random(seed);
        KeyPair a = KeyPair.fromSeed(extreme(random, 32));
        KeyPair b = KeyPair.fromSeed(extreme(random, 32));
        assertThat(Ed25519DiffieHellman.agree(a.seed(), b.publicKey().bytes()))
                .isEqualTo(Ed25519DiffieHellman.agree(b.seed(), a.publicKey().bytes()));
    }

    @Property(tries = 50)
    void theBasePointTimesAScalarIsThePublicKey(@ForAll long seed) {
        KeyPair pair = KeyPair.fromSeed(extreme(new Random(seed), 32));
        byte[] base = hex("5866666666666666666666666666666666666666666666666666666666666666");
        assertThat(Ed25519DiffieHellman.agree(pair.seed(), base))
                .isEqualTo(pair.publicKey().bytes());
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
