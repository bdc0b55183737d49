package dev.espalier.release;

import static dev.espalier.release.Machine.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.drive.Drive;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code why} and {@code doctor} find on stores, drives and peers. */
class WhyTest {

    private static final SeedingRule HASTY = new SeedingRule(2, Duration.ofMillis(100));
    /** For one seeder, who is waited for however slow the machine is. */
    private static final SeedingRule ALONE = new SeedingRule(1, Duration.ofSeconds(60));

    private static final SeedingRule PATIENT = new SeedingRule(2, Duration.ofSeconds(60));

    @TempDir
    Path folder;

    private Machine machine;
    private Path build;
    private Link link;

    @BeforeEach
    void open() throws IOException {
        machine = new Machine(folder.resolve("store"));
        link = machine.touch();
        build = folder.resolve("build");
        version("1.0.0", 100);
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private void version(String version, int size) throws IOException {
        write(
                build,
                "package.json",
                "{\"name\":\"hello\",\"version\":\"" + version + "\",\"upgrade\":\"" + link + "\"}");
        write(build, "by-arch/linux-x64/app/hello", version + "x".repeat(size));
    }

    private Why.Options about(Link subject, NetworkOptions network) {
        return about(subject, HASTY, network);
    }

    private Why.Options about(Link subject, SeedingRule rule, NetworkOptions network) {
        return new Why.Options(subject.toString(), folder, null, "linux-x64", null, rule, network);
    }

    /** {@code D1 failure} of each finding but the notes that are always there. */
    private List<String> found() {
        return machine.events(Finding.class).stream()
                .filter(finding -> !List.of("NOT_ASKED", "NO_DISCOVERY").contains(finding.code())
                        && !(finding.id().equals("D7") && finding.severity() == Finding.Severity.NOTE))
                .map(finding ->
                        finding.id() + " " + finding.severity().name().toLowerCase(Locale.ROOT) + " " + finding.code())
                .toList();
    }

    private List<String> why(Why.Options options) {
        machine.run(machine.releases.why(options));
        return found();
    }

    private List<String> why() {
        return why(about(link, NetworkOptions.none()));
    }

    private List<String> doctor(Doctor.Options options) {
        machine.run(Doctor.of(machine.store, options));
        return found();
    }

    // ---- version and size

    @Test
    void aChangeThatDidNotRaiseTheVersionIsFound() throws IOException {
        assertThat(why()).containsExactly("D1 failure NOTHING_STAGED");
        machine.stage(link, build);
        assertThat(why()).isEmpty();
        version("1.1.0", 101);
        machine.stage(link, build);
        assertThat(why()).isEmpty();
        write(build, "by-arch/linux-x64/app/hello", "changed");
        machine.stage(link, build);
        assertThat(why()).containsExactly("D1 failure VERSION_NOT_RAISED");
        version("1.0.9", 100);
        machine.stage(link, build);
        assertThat(why()).containsExactly("D1 failure VERSION_NOT_RAISED");
        version("1.2.0", 100);
        machine.stage(link, build);
        assertThat(why()).isEmpty();
        assertThat(why(new Why.Options(null, build, "1.2.0", "linux-x64", null, HASTY, NetworkOptions.none())))
                .containsExactly("D1 failure VERSION_NOT_RAISED");
        assertThatThrownBy(() -> new Why.Options(null, build, "1.2", "linux-x64", null, HASTY, NetworkOptions.none()))
                .isInstanceOf(EspalierException.class);
    }

    @Test
    void aBuildThatGrewTooMuchIsFoundWhereverItIsLookedAt() throws IOException {
        version("1.0.0", 10_000);
        machine.stage(link, build);
        version("1.1.0", 10_000);
        Path previous = folder.resolve("previous");
        copy(build, previous);
        write(
                build,
                "by-arch/linux-x64/app/res/build/by-arch/linux-x64/app/hello",
                Files.readString(build.resolve("by-arch/linux-x64/app/hello")));
        machine.run(machine.releases.stage(link, Stage.Options.of(build).dry()));
        assertThat(machine.events(Warning.class)).extracting(Warning::code).containsExactly("SIZE_INCREASE");
        machine.stage(link, build);
        assertThat(machine.events(Warning.class)).extracting(Warning::code).containsExactly("SIZE_INCREASE");
        assertThat(why()).containsExactly("D9 failure NESTED_BUILD", "D9 warning SIZE_INCREASE");
        assertThat(doctor(new Doctor.Options(build, null, previous, null)))
                .contains("D9 failure NESTED_BUILD", "D9 warning SIZE_INCREASE");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    @Test
    void ordinaryReleasesOfOneSizeAreNotWarnedOf() throws IOException {
        version("1.0.0", 10_000);
        machine.stage(link, build);
        version("1.1.0", 14_000);
        machine.stage(link, build);
        assertThat(machine.events(Warning.class)).isEmpty();
        assertThat(why()).isEmpty();
    }

    // ---- contents

    @Test
    void whatIsMissingInTheNewestVersionIsFound() throws IOException {
        machine.stage(link, build);
        Why.Options other =
                new Why.Options(link.toString(), folder, null, "darwin-arm64", null, HASTY, NetworkOptions.none());
        assertThat(why(other)).containsExactly("D6 failure NO_ARTEFACT");
        write(build, "package.json", "{\"name\":\"hello\",\"version\":\"1.1.0\",\"updates\":false}");
        machine.stage(link, build);
        assertThat(why()).containsExactly("D2 failure NO_UPGRADE_LINK", "D7 failure UPDATES_OFF");
        Files.delete(build.resolve("package.json"));
        machine.stage(link, build);
        assertThat(why()).containsExactly("R18 failure NO_PACKAGE_JSON");
    }

    @Test
    void aFolderThatIsNotWhatIsStagedIsFound() throws IOException {
        machine.stage(link, build);
        Why.Options asked =
                new Why.Options(link.toString(), folder, null, "linux-x64", build, HASTY, NetworkOptions.none());
        assertThat(why(asked)).isEmpty();
        write(build, "by-arch/linux-x64/app/hello", "1.0.1" + "x".repeat(100));
        assertThat(why(asked)).containsExactly("D10 failure NOT_STAGED");
        version("1.0.1", 100);
        assertThat(why(new Why.Options(null, build, null, "linux-x64", null, HASTY, NetworkOptions.none())))
                .containsExactly("D10 warning NOT_STAGED");
    }

    @Test
    void theUpgradeLinkOfAnotherLineIsFoundAndThatOfProductionExplained() throws IOException {
        Link rc = machine.touch();
        Link production = machine.touch();
        write(
                folder,
                ReleaseLines.FILE,
                "{\"staging\":{\"link\":\"" + link + "\"},\"rc\":{\"link\":\"" + rc + "\"},\"production\":{\"link\":\""
                        + production + "\"}}");
        machine.stage(rc, build);
        assertThat(why(about(rc, NetworkOptions.none())))
                .containsExactly("D2 failure OTHER_UPGRADE_LINK", "D8 note DISTRIBUTE_BY_HAND");
        assertThat(doctor(new Doctor.Options(build, null, null, "rc")))
                .contains("D2 failure OTHER_UPGRADE_LINK", "D8 note DISTRIBUTE_BY_HAND");
        assertThat(doctor(new Doctor.Options(build, null, null, "staging")))
                .doesNotContain("D2 failure OTHER_UPGRADE_LINK");
        write(build, "package.json", "{\"name\":\"hello\",\"version\":\"1.1.0\",\"upgrade\":\"" + production + "\"}");
        machine.stage(rc, build);
        assertThat(why(new Why.Options("rc", folder, null, "linux-x64", null, HASTY, NetworkOptions.none())))
                .containsExactly("D8 note DISTRIBUTE_BY_HAND");
        Diagnosis diagnosis = machine.run(machine.releases.why(about(rc, NetworkOptions.none())));
        assertThat(diagnosis.failures()).isZero();
    }

    // ---- peers and stores

    @Test
    void aLinkThatNobodyHasIsNotSeeded() throws IOException {
        machine.stage(link, build);
        try (Machine reader = new Machine(folder.resolve("reader"))) {
            reader.run(reader.releases.why(about(link, NetworkOptions.none())));
            assertThat(reader.events(Finding.class)).extracting(Finding::code).contains("NOT_SEEDED");
            assertThat(reader.store.contains(Machine.key(link))).isFalse();
        }
    }

    @Test
    void seedersAreCountedAndMachineBoundLinksNamed() throws IOException {
        machine.stage(link, build);
        try (Machine second = new Machine(folder.resolve("second"));
                Machine reader = new Machine(folder.resolve("reader"))) {
            try (Machine.Seeder one = machine.seed(link)) {
                InetSocketAddress first = one.address();
                reader.run(reader.releases.why(about(link, ALONE, NetworkOptions.connect(first))));
                assertThat(reader.events(Finding.class))
                        .extracting(Finding::code)
                        .contains("FEW_SEEDERS", "ERR_NOT_WRITABLE");
                try (Machine.Seeder other = second.seed(link, first)) {
                    reader.run(reader.releases.why(new Why.Options(
                            link.toString(),
                            folder,
                            null,
                            "linux-x64",
                            null,
                            PATIENT,
                            NetworkOptions.connect(first, other.address()))));
                    assertThat(reader.events(Finding.class))
                            .extracting(Finding::code)
                            .contains("ERR_NOT_WRITABLE")
                            .doesNotContain("FEW_SEEDERS", "NOT_SEEDED");
                }
            }
        }
    }

    @Test
    void aProvisionThatDoesNotContinueProductionIsFound() throws IOException {
        Link provision = machine.touch();
        Link production = machine.touch();
        Link staged = machine.stage(link, build).verlink();
        machine.provision(staged, production, Machine.at(production, 0));
        machine.provision(staged, provision, Machine.at(provision, 0));
        write(
                folder,
                ReleaseLines.FILE,
                "{\"prerelease\":{\"link\":\"" + provision + "\",\"upgrade\":\"" + link
                        + "\"},\"production\":{\"link\":\"" + production + "\"}}");
        // Two provisions of one version are the same blocks.
        assertThat(why(about(provision, NetworkOptions.none()))).isEmpty();
        version("1.1.0", 100);
        machine.stage(provision, build);
        version("1.2.0", 100);
        machine.stage(production, build);
        assertThat(why(about(provision, NetworkOptions.none())))
                .containsExactly("D14 failure INCOMPATIBLE_SOURCE_AND_TARGET");
        try (Drive drive = machine.open(provision)) {
            drive.truncate(1);
        }
        version("1.3.0", 100);
        machine.stage(provision, build);
        assertThat(why(about(provision, NetworkOptions.none()))).contains("D14 failure INCOMPATIBLE_SOURCE_AND_TARGET");
    }

    @Test
    void whatARequestOrCommitWouldEndWithIsExplained() throws IOException {
        Link provision = machine.touch();
        Link production = machine.touch();
        machine.stage(production, build);
        Link staged = machine.stage(link, build).verlink();
        machine.provision(staged, provision, Machine.at(provision, 0));
        version("1.1.0", 100);
        machine.stage(production, build);
        write(
                folder,
                ReleaseLines.FILE,
                "{\"prerelease\":{\"link\":\"" + provision + "\",\"upgrade\":\"" + link
                        + "\"},\"production\":{\"link\":\"" + production + "\"}}");
        assertThat(why(about(provision, NetworkOptions.none()))).contains("D12 note TARGET_CORE_TOO_BIG");
        try (Machine reader = new Machine(folder.resolve("reader"));
                Machine.Seeder one = machine.seed(provision)) {
            reader.run(reader.releases.why(about(provision, NetworkOptions.connect(one.address()))));
            assertThat(reader.events(Finding.class))
                    .extracting(Finding::code)
                    .contains("SOURCE_CORE_INSUFFICIENT_PEERS");
            reader.run(reader.releases.why(about(production, NetworkOptions.connect(one.address()))));
            assertThat(reader.events(Finding.class))
                    .extracting(Finding::code)
                    .contains("TARGET_CORE_INSUFFICIENT_PEERS");
        }
    }

    @Test
    void aCommitThatHasNotEndedIsAFailure() throws IOException {
        machine.stage(link, build);
        new MultisigRecords(machine.store).begin(Machine.key(link), 99);
        assertThat(why()).containsExactly("D13 failure COMMIT_NOT_CONFIRMED");
    }

    @Test
    void doctorTellsWhatIsStagedAlreadyAndWhichLinksAreLost() throws IOException {
        machine.stage(link, build);
        assertThat(doctor(Doctor.Options.of(build))).contains("D1 warning VERSION_NOT_RAISED");
        write(build, "by-arch/linux-x64/app/hello", "changed");
        assertThat(doctor(Doctor.Options.of(build))).contains("D1 failure VERSION_NOT_RAISED");
        write(
                build,
                ReleaseLines.FILE,
                "{\"staging\":{\"link\":\"" + link + "\"},\"rc\":{\"link\":\"pear://" + "y".repeat(52) + "\"}}");
        assertThat(doctor(Doctor.Options.of(build))).contains("D16 warning ERR_NOT_WRITABLE");
    }

    @Test
    void linesTellWhereTheyStand() throws IOException {
        machine.stage(link, build);
        write(
                build,
                ReleaseLines.FILE,
                "{\"staging\":{\"link\":\"" + link + "\"},\"production\":{\"link\":\"pear://" + "y".repeat(52)
                        + "\"}}");
        new MultisigRecords(machine.store).end(Machine.key(Link.parseDrive("pear://" + "y".repeat(52))), 7);
        machine.run(machine.releases.lines(new LineStates.Options(build, HASTY, NetworkOptions.none())));
        List<LineStates.State> states = machine.events(LineStates.State.class);
        assertThat(states).extracting(LineStates.State::version).containsExactly("1.0.0", null);
        assertThat(states).extracting(LineStates.State::writable).containsExactly(true, false);
        assertThat(states).extracting(LineStates.State::seeders).containsOnlyNulls();
        assertThat(states)
                .extracting(LineStates.State::lastCommit)
                .containsExactly(null, new LineStates.Commit(7, true));
        try (Machine.Seeder seeder = machine.seed(link);
                Machine reader = new Machine(folder.resolve("reader"))) {
            reader.run(reader.releases.lines(
                    new LineStates.Options(build, ALONE, NetworkOptions.connect(seeder.address()))));
            assertThat(reader.events(LineStates.State.class))
                    .extracting(LineStates.State::seeders)
                    .containsExactly(1, null);
        }
    }
}
