package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class BlockEncryptionTest {

    private static final BlockCipher CIPHER = BlockEncryption.ofBlockKey(Vectors.fill(0x42, 32));

    @Property(tries = 200)
    void blocksOfAnySizeComeBack(
            @ForAll @IntRange(max = 20_000) int size,
            @ForAll @LongRange(min = 0) long index,
            @ForAll @LongRange(min = 0) long fork,
            @ForAll boolean direct) {
        byte[] plain = new byte[size];
        new Random(size).nextBytes(plain);
        ByteBuffer stored = direct ? ByteBuffer.allocateDirect(size + 20) : ByteBuffer.allocate(size + 20);
        stored.position(5);
        ByteBuffer block = ByteBuffer.wrap(plain).asReadOnlyBuffer();

        CIPHER.encrypt(index, fork, block, stored);

        assertThat(block.remaining()).isEqualTo(size);
        assertThat(stored.position()).isEqualTo(5 + 8 + size);
        stored.flip().position(5);
        byte[] back = new byte[size];
        CIPHER.decrypt(index, stored, ByteBuffer.wrap(back));
        assertThat(back).isEqualTo(plain);
        assertThat(stored.remaining()).isEqualTo(size + 8);
    }

    @Test
    void equalBlocksLookDifferentAtAnotherIndexOrFork() {
        byte[] plain = new byte[64];
        assertThat(encrypt(0, 0, plain)).isNotEqualTo(encrypt(1, 0, plain)).isNotEqualTo(encrypt(0, 1, plain));
        assertThat(encrypt(0, 0, plain)).isEqualTo(encrypt(0, 0, plain));
    }

    private static ByteBuffer encrypt(long index, long fork, byte[] plain) {
        ByteBuffer stored = ByteBuffer.allocate(plain.length + CIPHER.padding());
        CIPHER.encrypt(index, fork, ByteBuffer.wrap(plain), stored);
        return stored.flip();
    }

    @Test
    void blocksCanBeDecryptedInPlace() {
        byte[] plain = Vectors.fill(7, 10_000);
        ByteBuffer stored = encrypt(3, 0, plain);
        ByteBuffer target = stored.duplicate();
        CIPHER.decrypt(3, stored, target);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(plain));
    }

    @Test
    void storedBlocksShorterThanThePaddingAreRefused() {
        for (int size = 0; size < 8; size++) {
            ByteBuffer stored = ByteBuffer.allocate(size);
            assertThatThrownBy(() -> CIPHER.decrypt(0, stored, ByteBuffer.allocate(8)))
                    .isInstanceOf(EncodingException.class)
                    .hasMessageContaining(size + " bytes, expected at least 8");
        }
    }

    @Test
    void targetsThatAreTooSmallOverflow() {
        assertThatThrownBy(() -> CIPHER.encrypt(0, 0, ByteBuffer.allocate(10), ByteBuffer.allocate(17)))
                .isInstanceOf(BufferOverflowException.class);
    }
}
