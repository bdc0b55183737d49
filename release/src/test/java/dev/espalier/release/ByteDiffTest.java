package dev.espalier.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteDiffTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0B",
        "1, 1B",
        "999, 999B",
        "1000, 1kB",
        "1049, 1kB",
        "1050, 1.1kB",
        "1234, 1.2kB",
        "300000, 300kB",
        "999949, 999.9kB",
        "999950, 1000kB",
        "1000000, 1MB",
        "4294967296, 4.3GB",
        "-30, -30B",
        "-5000, -5kB",
        "-1250, -1.2kB",
        "-1249, -1.2kB",
        "-1251, -1.3kB",
        "9223372036854775807, 9.2EB",
        "-9223372036854775808, -9.2EB"
    })
    void writesSizesInPowersOfAThousand(long bytes, String text) {
        assertThat(SizeText.of(bytes)).isEqualTo(text);
    }

    @Test
    void writesTheLinesOfTheSpecification() {
        assertThat(ByteDiff.added("/path", 300_000)).hasToString("+ /path (+300kB)");
        assertThat(ByteDiff.changed("/path", 30, 31)).hasToString("~ /path (-30B, +31B)");
        assertThat(ByteDiff.removed("/path", 5_000)).hasToString("- /path (-5kB)");
        assertThat(ByteDiff.changed("/path", 0, 0)).hasToString("~ /path (0B, 0B)");
        assertThat(ByteDiff.added("/empty", 0)).hasToString("+ /empty (0B)");
    }

    @Test
    void tellsScriptsTypeSizesAndMessage() {
        assertThat(Json.line(Json.data((Event) ByteDiff.changed("/a b", 30, 31))))
                .isEqualTo("{\"type\":0,\"sizes\":[-30,31],\"message\":\"/a b\"}");
    }

    @Test
    void knowsThreeTypes() {
        assertThatThrownBy(() -> new ByteDiff(2, List.of(), "/x")).isInstanceOf(IllegalArgumentException.class);
    }
}
