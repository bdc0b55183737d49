package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.TreeHashes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AppendHasherTest {

    private final AppendHasher hasher = new AppendHasher();
    private final Random random = new Random(1);

    private void check(int... lengths) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int length : lengths) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            blocks.add(ByteBuffer.wrap(bytes));
        }
        byte[] hashes = hasher.hash(blocks);
        assertThat(hashes).hasSize(lengths.length * Hash.BYTES);
        for (int i = 0; i < lengths.length; i++) {
            assertThat(Hash.of(hashes, i * Hash.BYTES)).as("block %d", i).isEqualTo(TreeHashes.leaf(blocks.get(i)));
        }
    }

    @Test
    void leavesAreThoseOfEachBlockAlone() {
        check();
        check(0);
        check(1, 0, 3);
        check(1 << 20);
        check(0, 1 << 20);
        check(1 << 20, 0, 5);
        check(1 << 16, 1 << 16, 1 << 16, 1 << 16);
        check(1 << 16, 1 << 16, 1 << 16, 1 << 16, 1 << 16, 1 << 16, 1 << 16, 7);
        check(random.ints(500, 0, 3000).toArray());
    }
}
