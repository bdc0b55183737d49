package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactEncodingTest {

    private static CompactReader reader(int... bytes) {
        byte[] source = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            source[i] = (byte) bytes[i];
        }
        return new CompactReader(source);
    }

    @Test
    void everythingWrittenIsReadBack() {
        byte[] hash = Vectors.fill(7, 32);
        CompactWriter out = new CompactWriter(1)
                .uint8(200)
                .uint(70_000)
                .u64(1L << 60)
                .buffer(new byte[] {1, 2, 3})
                .optionalBuffer(null)
                .string("grüße")
                .hash(Hash.of(hash))
                .raw(ByteBuffer.wrap(new byte[] {9, 9, 8, 8}).position(2))
                .uint32Array(new int[] {-1, 5});
        assertThat(out.size())
                .isEqualTo(out.toByteArray().length)
                .isEqualTo(out.view().remaining());

        CompactReader in = new CompactReader(out.view());
        assertThat(in.uint8()).isEqualTo(200);
        assertThat(in.uint()).isEqualTo(70_000);
        assertThat(in.u64()).isEqualTo(1L << 60);
        assertThat(in.buffer()).containsExactly(1, 2, 3);
        assertThat(in.optionalBuffer()).isNull();
        assertThat(in.string()).isEqualTo("grüße");
        assertThat(in.hash()).isEqualTo(Hash.of(hash));
        assertThat(in.fixed(2)).containsExactly(8, 8);
        assertThat(in.uint32Array()).containsExactly(-1, 5);
        assertThat(in.remaining()).isZero();
        assertThat(in.position()).isEqualTo(out.size());
        assertThat(out.clear().size()).isZero();
    }

    @Test
    void readersWorkOnAnyBufferAndLeaveItAlone() {
        ByteBuffer direct = ByteBuffer.allocateDirect(16).order(ByteOrder.BIG_ENDIAN);
        direct.put(3, (byte) 0xfd).put(4, (byte) 0x34).put(5, (byte) 0x12).position(3);
        CompactReader in = new CompactReader(direct);
        assertThat(in.uint()).isEqualTo(0x1234);
        assertThat(direct.position()).isEqualTo(3);
        assertThat(in.remaining()).isEqualTo(10);
    }

    @Test
    void viewsShareMemoryAndCopiesDoNot() {
        byte[] source = {2, 10, 11, 12};
        ByteBuffer view = new CompactReader(source).bufferView();
        byte[] copy = new CompactReader(source).buffer();
        CompactReader in = new CompactReader(source);
        in.uint8();
        ByteBuffer rest = in.rest();
        source[1] = 99;
        assertThat(view.remaining()).isEqualTo(2);
        assertThat(view.get(0)).isEqualTo((byte) 99);
        assertThat(rest.get(0)).isEqualTo((byte) 99);
        assertThat(rest.remaining()).isEqualTo(3);
        assertThat(in.remaining()).isZero();
        assertThat(copy[0]).isEqualTo((byte) 10);
    }

    @Test
    void lengthsAndCountsBeyondTheInputAreRefusedBeforeAnythingIsAllocated() {
        int[] twoGigabytes = {0xfe, 0xff, 0xff, 0xff, 0x7f};
        assertThatThrownBy(() -> reader(twoGigabytes).buffer()).isInstanceOf(EncodingException.class);
        assertThatThrownBy(() -> reader(twoGigabytes).bufferView()).isInstanceOf(EncodingException.class);
        assertThatThrownBy(() -> reader(twoGigabytes).optionalBuffer()).isInstanceOf(EncodingException.class);
        assertThatThrownBy(() -> reader(twoGigabytes).string()).isInstanceOf(EncodingException.class);
        assertThatThrownBy(() -> reader(twoGigabytes).count(1)).isInstanceOf(EncodingException.class);
        assertThatThrownBy(() -> reader(twoGigabytes).uint32Array()).isInstanceOf(EncodingException.class);
        assertThatThrownBy(() -> reader(3, 1, 2).count(1)).isInstanceOf(EncodingException.class);
        assertThatThrownBy(() -> reader(2, 1, 2, 3).count(2)).isInstanceOf(EncodingException.class);
        assertThatThrownBy(() -> reader(1, 2, 3).fixed(4)).isInstanceOf(EncodingException.class);
        assertThatThrownBy(() -> reader(1, 2, 3).hash()).isInstanceOf(EncodingException.class);
        assertThatThrownBy(() -> reader().uint8()).isInstanceOf(EncodingException.class);
        assertThatThrownBy(() -> reader(1, 2, 3, 4, 5, 6, 7).u64()).isInstanceOf(EncodingException.class);
        assertThat(reader(2, 1, 2).count(1)).isEqualTo(2);
    }

    @Test
    void arraysHoldAtMostAMillionItems() {
        byte[] source = new byte[CompactReader.MAX_ARRAY + 6];
        source[0] = (byte) 0xfe;
        source[3] = 0x10;
        assertThat(new CompactReader(source).count(1)).isEqualTo(CompactReader.MAX_ARRAY);
        source[1] = 1;
        assertThatThrownBy(() -> new CompactReader(source).count(1)).isInstanceOf(EncodingException.class);
    }

    @Test
    void numbersAreHeldToTheirRange() {
        assertThat(reader(0xfc).uint("count", 252)).isEqualTo(252);
        assertThatThrownBy(() -> reader(0xfc).uint("count", 251))
                .isInstanceOf(EncodingException.class)
                .hasMessageContaining("count is 252, expected at most 251");
        assertThatThrownBy(() -> reader(0, 0, 0, 0, 0, 0, 0, 0x80).u64()).isInstanceOf(EncodingException.class);
        assertThat(reader(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0).uint())
                .isEqualTo(CompactReader.MAX_UINT);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1L << 53, Long.MAX_VALUE, Long.MIN_VALUE})
    void numbersThatNobodyCouldReadAreNotWritten(long value) {
        assertThatThrownBy(() -> new CompactWriter().uint(value)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void malformedUtf8IsReplaced() {
        assertThat(reader(2, 0xc3, 0x28).string())
                .isEqualTo(new String(new byte[] {(byte) 0xc3, 0x28}, StandardCharsets.UTF_8));
    }
}
