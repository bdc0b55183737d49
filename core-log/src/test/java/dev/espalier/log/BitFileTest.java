package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BitFileTest {

    @TempDir
    Path folder;

    @Test
    void bitsAreThoseOfABitSet() {
        int size = 200_000;
        BitSet model = new BitSet();
        Random random = new Random(11);
        byte[] tag = FileHeader.noTag();
        try (BitFile bits = new BitFile(SegmentFile.open(
                new FileStorage(MappingMode.best()).open(folder.resolve("bits"), true),
                FileKind.BITS,
                tag,
                8,
                9,
                true))) {
            for (int i = 0; i < 3000; i++) {
                int start = random.nextInt(size);
                int end = Math.min(size, start + random.nextInt(random.nextInt(4) == 0 ? 150_000 : 150));
                if (random.nextInt(3) > 0) {
                    bits.set(start, end);
                    model.set(start, end);
                } else if (random.nextInt(20) == 0) {
                    bits.clearFrom(start);
                    model.clear(start, size);
                } else if (random.nextBoolean()) {
                    bits.clear(start);
                    model.clear(start);
                } else {
                    bits.clear(start, end);
                    model.clear(start, end);
                }
                int at = random.nextInt(size);
                int to = at + random.nextInt(size - at);
                assertThat(bits.get(at)).isEqualTo(model.get(at));
                assertThat(bits.count(at, to)).isEqualTo(model.get(at, to).cardinality());
                int set = model.nextSetBit(at);
                assertThat(bits.nextSet(at, to)).isEqualTo(set < 0 || set >= to ? to : set);
                assertThat(bits.nextClear(at, to)).isEqualTo(Math.min(to, model.nextClearBit(at)));
            }
        }
    }
}
