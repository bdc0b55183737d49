package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.vector.VectorLanes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Leaves hashed in lanes are those hashed one by one. The tests run with the vector module. */
class LeafHasherTest {

    private final Random random = new Random(1);

    /** On a machine with narrow vectors this is the same code, but not what is used. */
    private static Blake2bLanes vector() {
        return new VectorLanes();
    }

    private ByteBuffer block(int length, boolean onHeap) {
        byte[] bytes = new byte[length + 3];
        random.nextBytes(bytes);
        ByteBuffer block = onHeap
                ? ByteBuffer.wrap(bytes)
                : ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        return onHeap && length % 2 == 0
                ? block.position(1).limit(length + 1)
                : block.position(2).slice().limit(length);
    }

    private static void check(LeafHasher hasher, List<ByteBuffer> blocks) {
        byte[] hashes = new byte[7 + blocks.size() * Hash.BYTES];
        hasher.hash(blocks, hashes, 7);
        for (int i = 0; i < blocks.size(); i++) {
            assertThat(Hash.of(hashes, 7 + i * Hash.BYTES))
                    .as(
                            "block %d of %d, %d bytes",
                            i, blocks.size(), blocks.get(i).remaining())
                    .isEqualTo(TreeHashes.leaf(blocks.get(i)));
        }
    }

    @Test
    void everyLengthOfTheEnd() {
        LeafHasher hasher = new LeafHasher(vector());
        for (int length = 1024; length <= 1024 + 130; length++) {
            for (boolean onHeap : new boolean[] {true, false}) {
                List<ByteBuffer> blocks = new ArrayList<>();
                for (int i = 0; i < vector().lanes(); i++) {
                    blocks.add(block(length, onHeap));
                }
                check(hasher, blocks);
            }
        }
    }

    @Test
    void everyNumberOfBlocks() {
        LeafHasher hasher = new LeafHasher(vector());
        for (int count = 0; count <= 3 * vector().lanes(); count++) {
            List<ByteBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                blocks.add(block(5000, i % 5 != 3));
            }
            check(hasher, blocks);
        }
    }

    @Test
    void lengthsThatDiffer() {
        LeafHasher hasher = new LeafHasher(vector());
        for (int round = 0; round < 15; round++) {
            List<ByteBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                int length = random.nextInt(3) == 0 ? random.nextInt(70_000) : 65536;
                blocks.add(block(length, random.nextBoolean()));
            }
            check(hasher, blocks);
        }
    }

    @Test
    void positionsStay() {
        ByteBuffer block = block(4096, true);
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < vector().lanes(); i++) {
            blocks.add(block.duplicate());
        }
        check(new LeafHasher(vector()), blocks);
        assertThat(blocks).allSatisfy(same -> {
            assertThat(same.position()).isEqualTo(block.position());
            assertThat(same.limit()).isEqualTo(block.limit());
        });
    }

    @Test
    void whereTheModuleIsItIsUsed() {
        assertThat(LeafHasher.inLanes() != null).isEqualTo(vector().lanes() >= 4);
    }

    @Test
    void withoutVectors() {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            blocks.add(block(i * 500, i % 2 == 0));
        }
        check(new LeafHasher(), blocks);
    }
}
