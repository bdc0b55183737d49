package dev.espalier.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BlockReaderTest {

    /** Gives few bytes at a time, as a pipe does. */
    private static ReadableByteChannel dripping(byte[] bytes, int most) {
        InputStream in = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, most));
            }
        };
        return Channels.newChannel(in);
    }

    private static List<String> all(BlockReader reader) throws IOException {
        List<String> blocks = new ArrayList<>();
        for (ByteBuffer block = reader.next(); block != null; block = reader.next()) {
            blocks.add(StandardCharsets.ISO_8859_1.decode(block.duplicate()).toString());
        }
        return blocks;
    }

    private static List<String> lines(String text) throws IOException {
        return all(BlockReader.ofLines(dripping(text.getBytes(StandardCharsets.ISO_8859_1), 3)));
    }

    @Test
    void linesEndWithALineFeedAndTheLastOneMayDoWithout() throws IOException {
        assertThat(lines("")).isEmpty();
        assertThat(lines("\n")).containsExactly("");
        assertThat(lines("one")).containsExactly("one");
        assertThat(lines("one\n")).containsExactly("one");
        assertThat(lines("one\n\ntwo\r\nthree")).containsExactly("one", "", "two\r", "three");
    }

    @Test
    void aLineLongerThanABufferIsOneBlock() throws IOException {
        String line = "x".repeat(300_000);
        assertThat(lines(line + "\ny")).containsExactly(line, "y");
    }

    @Test
    void aLineLongerThanABlockIsRefused() {
        byte[] bytes = new byte[BlockReader.MAX_BLOCK + 1];
        assertThatThrownBy(() -> BlockReader.ofLines(Channels.newChannel(new ByteArrayInputStream(bytes)))
                        .next())
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_INVALID_INPUT"));
    }

    @Property(tries = 200)
    void blocksOfASizeAreTheInputCutInOrder(
            @ForAll byte[] bytes,
            @ForAll @IntRange(min = 1, max = 40) int size,
            @ForAll @IntRange(min = 1, max = 9) int drip)
            throws IOException {
        List<String> blocks = all(BlockReader.ofSize(dripping(bytes, drip), size, 4));
        assertThat(String.join("", blocks)).isEqualTo(new String(bytes, StandardCharsets.ISO_8859_1));
        for (int i = 0; i < blocks.size(); i++) {
            if (i < blocks.size() - 1) {
                assertThat(blocks.get(i)).hasSize(size);
            } else {
                assertThat(blocks.get(i)).isNotEmpty();
            }
        }
    }

    @Property(tries = 200)
    void linesJoinedAreTheInput(@ForAll byte[] bytes, @ForAll @IntRange(min = 1, max = 9) int drip) throws IOException {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String joined = String.join("\n", all(BlockReader.ofLines(dripping(bytes, drip))));
        assertThat(text.endsWith("\n") ? joined + "\n" : joined).isEqualTo(text);
    }
}
