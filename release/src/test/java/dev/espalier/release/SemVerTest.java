package dev.espalier.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import org.junit.jupiter.api.Test;

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
}
