package dev.espalier.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SemVerTest {

    @Test
    void versionsCompareAsTheyDoInApplications() {
        long compared = Vectors.list("versions", "compare")
                .peek(vector -> {
                    SemVer current = SemVer.parse(vector.get("current").getAsString());
                    SemVer remote = SemVer.parse(vector.get("remote").getAsString());
                    int expected = vector.get("compare").getAsInt();
                    assertThat(Integer.signum(current.compareTo(remote)))
                            .as("%s", vector)
                            .isEqualTo(expected);
                    assertThat(Integer.signum(remote.compareTo(current)))
                            .as("%s", vector)
                            .isEqualTo(-expected);
                })
                .count();
        assertThat(compared).isPositive();
    }

    @Test
    void whatIsNoVersionIsRefused() {
        long refused = Vectors.list("versions", "refused")
                .peek(vector -> {
                    String text = vector.get("version").getAsString();
                    assertThat(SemVer.isValid(text)).as(text).isFalse();
                    assertThatThrownBy(() -> SemVer.parse(text))
                            .isInstanceOfSatisfying(
                                    EspalierException.class,
                                    e -> assertThat(e.code()).isEqualTo("ERR_INVALID_INPUT"));
                })
                .count();
        assertThat(refused).isPositive();
        assertThat(SemVer.isValid("1.0.0-" + "a".repeat(300))).isFalse();
    }

    @Test
    void theTextIsKept() {
        for (String text :
                new String[] {"1.2.3", "1.2.3-rc.1", "1.2.3+build.5", "0.0.0-0+a", "99999999999999999999.0.0"}) {
            assertThat(SemVer.parse(text)).hasToString(text);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.3, 2.0.0, 1.3.0, 1.2.4, 2.0.0-0, 1.3.0-0, 1.2.4-0, 1.2.4-0",
        "1.2.3-4, 2.0.0, 1.3.0, 1.2.3, 2.0.0-0, 1.3.0-0, 1.2.4-0, 1.2.3-5",
        "2.0.0-rc.1, 2.0.0, 2.0.0, 2.0.0, 3.0.0-0, 2.1.0-0, 2.0.1-0, 2.0.0-rc.2",
        "1.3.0-beta, 2.0.0, 1.3.0, 1.3.0, 2.0.0-0, 1.4.0-0, 1.3.1-0, 1.3.0-beta.0",
        "1.2.3-rc.1.x, 2.0.0, 1.3.0, 1.2.3, 2.0.0-0, 1.3.0-0, 1.2.4-0, 1.2.3-rc.2.x",
        "0.0.0+b7, 1.0.0, 0.1.0, 0.0.1, 1.0.0-0, 0.1.0-0, 0.0.1-0, 0.0.1-0"
    })
    void raisesVersionsAsNpmDoes(
            String from,
            String major,
            String minor,
            String patch,
            String premajor,
            String preminor,
            String prepatch,
            String prerelease) {
        List<String> expected = List.of(major, minor, patch, premajor, preminor, prepatch, prerelease);
        for (SemVer.Step step : SemVer.Step.values()) {
            assertThat(SemVer.parse(from).raised(step))
                    .as("%s %s", from, step)
                    .hasToString(expected.get(step.ordinal()));
        }
    }
}
