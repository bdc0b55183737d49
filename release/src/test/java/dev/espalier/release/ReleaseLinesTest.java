package dev.espalier.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReleaseLinesTest {

    private static final String ONE = "pear://q9sopzoqgas9usoiq7uzkkwngm5pzj4zo3n4esjwwbmw6offis8o";
    private static final String TWO = "pear://69qwbihxj4c8te15wt3skj4j1g3ufmbo3mperedjqr1hb55mspoo";
    private static final String THREE = "pear://qxenz5wmspmryjc13m9yzsqj1conqotn8fb4ocbufwtz9mtbqq5o";

    @TempDir
    Path folder;

    private static ReleaseLines parse(String text) {
        return ReleaseLines.parse(
                text.replace('\'', '"').replace("ONE", ONE).replace("TWO", TWO).replace("THREE", THREE), "lines");
    }

    @Test
    void whatIsNotSaidFollowsFromTheName() {
        ReleaseLines lines = parse("{'staging':{'link':'ONE'},'rc':{'link':'TWO'},'production':{'link':'THREE/'}}");
        assertThat(lines.all())
                .containsExactly(
                        new ReleaseLine("staging", Link.parseDrive(ONE), Link.parseDrive(ONE), ReleaseLine.Kind.STAGE),
                        new ReleaseLine("rc", Link.parseDrive(TWO), Link.parseDrive(THREE), ReleaseLine.Kind.STAGE),
                        new ReleaseLine(
                                "production",
                                Link.parseDrive(THREE),
                                Link.parseDrive(THREE),
                                ReleaseLine.Kind.MULTISIG));
        assertThat(parse("{'prerelease':{'link':'ONE'}}").require("prerelease"))
                .isEqualTo(new ReleaseLine(
                        "prerelease", Link.parseDrive(ONE), Link.parseDrive(ONE), ReleaseLine.Kind.PROVISION));
        assertThat(parse("{'spike':{'link':'ONE','upgrade':'TWO','kind':'provision'}}")
                        .require("spike"))
                .isEqualTo(new ReleaseLine(
                        "spike", Link.parseDrive(ONE), Link.parseDrive(TWO), ReleaseLine.Kind.PROVISION));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '#',
            value = {
                "nonsense { | ERR_INVALID_CONFIG | is no JSON",
                "[] | ERR_INVALID_CONFIG | no object of lines",
                "{'rc':'ONE'} | ERR_INVALID_CONFIG | The line rc is no object",
                "{'rc':{}} | ERR_INVALID_CONFIG | The line rc has no link",
                "{'rc':{'link':7}} | ERR_INVALID_CONFIG | The link of the line rc is no text",
                "{'rc':{'link':'x'}} | ERR_INVALID_LINK | The link of the line rc is none",
                "{'rc':{'link':'ONE','upgrade':'pear://0.1.y'}} | ERR_INVALID_LINK | The upgrade of the line rc is none",
                "{'rc':{'link':'ONE/app'}} | ERR_INVALID_LINK | must be of the whole drive",
                "{'rc':{'link':'ONE','kind':'staged'}} | ERR_INVALID_CONFIG | stage, provision and multisig are",
                "{'rc':{'link':'ONE','links':'TWO'}} | ERR_INVALID_CONFIG | has a member links",
                "{'r c':{'link':'ONE'}} | ERR_INVALID_CONFIG | is no name of a line",
                "{'rc':{'link':'ONE'},'staging':{'link':'ONE'}} | ERR_INVALID_CONFIG | have the same link",
                "{'production':{'link':'ONE','upgrade':'TWO'}} | ERR_INVALID_CONFIG | can only update from it"
            })
    void whatIsWrongIsNamed(String text, String code, String words) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageStartingWith("lines")
                .hasMessageContaining(words);
    }

    @Test
    void theFileIsFoundUpwardsAndChangedLineByLine() throws IOException {
        Path deep = Files.createDirectories(folder.resolve("src/main"));
        assertThat(ReleaseLines.of(deep)).isEqualTo(ReleaseLines.NONE);
        Files.writeString(folder.resolve("package.json"), "{}");
        set(deep, "staging", ONE, null, null);
        set(deep, "production", TWO, null, null);
        set(deep, "rc", THREE, null, null);
        assertThat(folder.resolve(ReleaseLines.FILE)).exists();
        ReleaseLines lines = ReleaseLines.of(deep);
        assertThat(ReleaseLines.names(lines.all())).isEqualTo("staging, production, rc");
        assertThat(lines.require("rc").upgrade()).isEqualTo(Link.parseDrive(TWO));
        set(deep, "rc", THREE, THREE, "provision");
        assertThat(ReleaseLines.of(deep).require("rc").kind()).isEqualTo(ReleaseLine.Kind.PROVISION);
        assertThatThrownBy(() -> set(deep, "rc", ONE, null, null)).hasMessageContaining("the same link");
        assertThatThrownBy(() -> set(deep, "rc", THREE, null, "x")).hasMessageContaining("--kind takes");
        assertThatThrownBy(() -> lines.require("beta")).hasMessageContaining("there are staging, production, rc");
    }

    private static void set(Path folder, String name, String link, String upgrade, String kind) {
        SetLine.of(folder, new SetLine.Options(name, link, upgrade, kind)).join();
    }
}
