package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class EncodingVectorsTest {

    private static final JsonObject SECTION = Vectors.object("encodings");
    private static final Vectors.Tally TALLY = new Vectors.Tally("encodings");

    @AfterAll
    static void say() {
        TALLY.print();
    }

    /** Calls {@code check} with value and encoding of each vector. */
    private static void each(String name, BiConsumer<JsonElement, byte[]> check) {
        for (JsonElement element : SECTION.getAsJsonArray(name)) {
            JsonArray pair = element.getAsJsonArray();
            check.accept(pair.get(0), Vectors.hex(pair.get(1)));
            TALLY.pass();
        }
    }

    private static byte[] written(Consumer<CompactWriter> write) {
        CompactWriter out = new CompactWriter();
        write.accept(out);
        return out.toByteArray();
    }

    private static CompactReader reader(byte[] bytes) {
        return new CompactReader(bytes);
    }

    @Test
    void uintsTakeTheShortestForm() {
        each("uint", (value, bytes) -> {
            assertThat(written(out -> out.uint(value.getAsLong()))).isEqualTo(bytes);
            assertThat(CompactWriter.uintLength(value.getAsLong())).isEqualTo(bytes.length);
            assertThat(reader(bytes).uint()).isEqualTo(value.getAsLong());
        });
    }

    @Test
    void longerFormsAreAccepted() {
        for (JsonElement element : SECTION.getAsJsonArray("uintAcceptedNonCanonical")) {
            JsonArray pair = element.getAsJsonArray();
            CompactReader in = reader(Vectors.hex(pair.get(0)));
            assertThat(in.uint()).isEqualTo(pair.get(1).getAsLong());
            assertThat(in.remaining()).isZero();
            TALLY.pass();
        }
    }

    @Test
    void uintsThatAreTooShortOrTooLargeAreRejected() {
        for (JsonElement element : SECTION.getAsJsonArray("uintRejected")) {
            assertThatThrownBy(() -> reader(Vectors.hex(element)).uint())
                    .as(element.getAsString())
                    .isInstanceOf(EncodingException.class);
            TALLY.pass();
        }
    }

    @Test
    void fixedNumbersHaveEightBytes() {
        each("uint64", (value, bytes) -> {
            assertThat(written(out -> out.u64(value.getAsLong()))).isEqualTo(bytes);
            assertThat(reader(bytes).u64()).isEqualTo(value.getAsLong());
        });
    }

    @Test
    void buffersCarryTheirLength() {
        each("buffer", (value, bytes) -> {
            assertThat(written(out -> out.buffer(Vectors.hex(value)))).isEqualTo(bytes);
            assertThat(reader(bytes).buffer()).isEqualTo(Vectors.hex(value));
        });
    }

    @Test
    void absentAndEmptyOptionalBuffersAreTheSame() {
        each("optionalBuffer", (value, bytes) -> {
            byte[] content = Vectors.optionalHex(value);
            assertThat(written(out -> out.optionalBuffer(content))).isEqualTo(bytes);
            assertThat(reader(bytes).optionalBuffer())
                    .isEqualTo(content == null || content.length == 0 ? null : content);
        });
    }

    @Test
    void stringsAreUtf8() {
        each("string", (value, bytes) -> {
            assertThat(written(out -> out.string(value.getAsString()))).isEqualTo(bytes);
            assertThat(reader(bytes).string()).isEqualTo(value.getAsString());
        });
    }

    @Test
    void arraysCarryTheirCount() {
        each("uintArray", (value, bytes) -> {
            JsonArray numbers = value.getAsJsonArray();
            assertThat(written(out -> {
                        out.uint(numbers.size());
                        numbers.forEach(number -> out.uint(number.getAsLong()));
                    }))
                    .isEqualTo(bytes);
            CompactReader in = reader(bytes);
            assertThat(in.count(1)).isEqualTo(numbers.size());
            numbers.forEach(number -> assertThat(in.uint()).isEqualTo(number.getAsLong()));
        });
        each("uint32array", (value, bytes) -> {
            int[] words = Vectors.longs(value).stream().mapToInt(Long::intValue).toArray();
            assertThat(written(out -> out.uint32Array(words))).isEqualTo(bytes);
            assertThat(reader(bytes).uint32Array()).isEqualTo(words);
        });
        each("fixed32Array", (value, bytes) -> {
            JsonArray items = value.getAsJsonArray();
            CompactReader in = reader(bytes);
            assertThat(in.count(32)).isEqualTo(items.size());
            items.forEach(item -> assertThat(in.fixed(32)).isEqualTo(Vectors.hex(item)));
            assertThat(written(out -> {
                        out.uint(items.size());
                        items.forEach(item -> out.raw(Vectors.hex(item)));
                    }))
                    .isEqualTo(bytes);
        });
    }
}
