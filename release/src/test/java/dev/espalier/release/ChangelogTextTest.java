package dev.espalier.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChangelogTextTest {

    private static final String TEXT = "# Changelog\n\nWhat changed.\n\n## [Unreleased]\n\n- later\n\n"
            + "## [2.1.0] - 2026-02-01\n\n### Added\n\n- two one\n\n```\n## 9.9.9\n```\n\n"
            + "v2.0.0\n------\n\n- two\n\n## 1.2.0-rc.1 (beta)\n- candidate\n\n## v1.1.0\n\n- one one\n";

    private static List<String> told(int max, @Nullable String of, boolean full) {
        List<String> versions = new ArrayList<>();
        Changelog.of(TEXT, new Changelog.Selection(max, of, full))
                .onEvent(event -> versions.add(String.valueOf(((Changelog.Change) event).version())))
                .join();
        return versions;
    }

    @Test
    void headingsThatNameAVersionBeginWhatIsSaidOfIt() {
        List<ChangelogText.Section> sections = ChangelogText.sections(TEXT);
        assertThat(sections)
                .extracting(section -> section.version().getVersion())
                .containsExactly("2.1.0", "2.0.0", "1.2.0-rc.1", "1.1.0");
        assertThat(sections.get(0).text())
                .isEqualTo("## [2.1.0] - 2026-02-01\n\n### Added\n\n- two one\n\n```\n## 9.9.9\n```");
        assertThat(sections.get(1).text()).isEqualTo("v2.0.0\n------\n\n- two");
        assertThat(sections.get(2).text()).isEqualTo("## 1.2.0-rc.1 (beta)\n- candidate");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10|          | 2.1.0 2.0.0",
                "1 |          | 2.1.0",
                "10| *        | 2.1.0 2.0.0 1.1.0",
                "10| ^1.0.0   | 1.1.0",
                "10| >=1 <2.1 | 2.0.0 1.1.0",
                "10| 1.2.0-rc.1 | 1.2.0-rc.1",
                "10| 3.x      | ",
            })
    void aRangeAndANumberSelect(int max, @Nullable String of, @Nullable String expected) {
        assertThat(String.join(" ", told(max, of, false))).isEqualTo(expected == null ? "" : expected);
    }

    @Test
    void allOfTheFileIsOfNoVersion() {
        assertThat(told(1, null, true)).containsExactly("null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "^", "99999999999999999.x"})
    void whatIsNoRangeIsRefused(String of) {
        assertThatThrownBy(() -> told(1, of, false))
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_INVALID_INPUT"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no heading",
                "# 99999999999999999999.0.0",
                "# 1.2",
                "\u0000# 1.0.0\r\n",
                "# 1.02.3",
                "> # 1.0.0",
            })
    void whatNamesNoVersionIsOfNone(String text) {
        assertThat(ChangelogText.sections(text)).isEmpty();
    }
}
