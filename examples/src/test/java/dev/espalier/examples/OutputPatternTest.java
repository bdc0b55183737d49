package dev.espalier.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OutputPatternTest {

    private static final List<String> ACTUAL =
            List.of("staging pear://abc", "+ /a (+1B)", "+ /b (+2B)", "done in 7 ms");

    @Test
    void theSameLinesMatch() {
        assertThat(new OutputPattern(ACTUAL).matches(ACTUAL)).isTrue();
    }

    @Test
    void anEllipsisStandsForPartOfALine() {
        assertThat(new OutputPattern(List.of("staging pear://…", "+ /a (+1B)", "+ /b (…)", "done in … ms"))
                        .matches(ACTUAL))
                .isTrue();
    }

    @Test
    void anEllipsisDoesNotStandForNothingOrForTwoLines() {
        assertThat(new OutputPattern(List.of("staging pear://abc…", "+ /a (+1B)", "+ /b (+2B)", "done in 7 ms"))
                        .matches(ACTUAL))
                .isFalse();
        assertThat(new OutputPattern(List.of("staging …", "+ /b (+2B)", "done in 7 ms")).matches(ACTUAL))
                .isFalse();
    }

    @Test
    void aLineOfAnEllipsisStandsForAnyNumberOfLines() {
        assertThat(new OutputPattern(List.of("staging pear://abc", "…", "done in 7 ms")).matches(ACTUAL))
                .isTrue();
        assertThat(new OutputPattern(List.of("staging pear://abc", "+ /a (+1B)", "+ /b (+2B)", "…", "done in 7 ms"))
                        .matches(ACTUAL))
                .isTrue();
    }

    @Test
    void otherAbsentAndSurplusLinesDoNotMatch() {
        assertThat(new OutputPattern(List.of("staging pear://abc", "+ /a (+3B)", "…")).matches(ACTUAL))
                .isFalse();
        assertThat(new OutputPattern(ACTUAL.subList(0, 3)).matches(ACTUAL)).isFalse();
        assertThat(new OutputPattern(ACTUAL).matches(ACTUAL.subList(0, 3))).isFalse();
        assertThat(new OutputPattern(List.of()).matches(ACTUAL)).isFalse();
    }

    @Test
    void theBeginMayBeAskedForAlone() {
        assertThat(new OutputPattern(ACTUAL.subList(0, 2)).matchesBeginOf(ACTUAL))
                .isTrue();
        assertThat(new OutputPattern(ACTUAL.subList(1, 2)).matchesBeginOf(ACTUAL))
                .isFalse();
    }
}
