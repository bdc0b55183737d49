package dev.espalier.release;

import static dev.espalier.release.Machine.application;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.drive.Drive;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageTest {

    @TempDir
    Path folder;

    private Machine machine;
    private Path app;
    private Link link;

    @BeforeEach
    void open() {
        machine = new Machine(folder.resolve("store"));
        app = application(folder.resolve("app"), "1.0.0", 1);
        link = machine.touch();
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private Stage.Result stage(Stage.Options options) {
        return machine.run(machine.releases.stage(link, options));
    }

    private Stage.Result stage() {
        return stage(all());
    }

    private Stage.Options all() {
        return Stage.Options.of(app);
    }

    private Hash plan(Stage.Options options) {
        stage(options.dry());
        return machine.events(Stage.Plan.class).get(0).hash();
    }

    private List<String> diff() {
        return machine.events(ByteDiff.class).stream().map(ByteDiff::toString).toList();
    }

    private List<String> warnings() {
        return machine.events(Warning.class).stream().map(Warning::code).toList();
    }

    private void assertFails(String code, String words, Stage.Options options) {
        assertThatThrownBy(() -> stage(options))
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(words);
    }

    // ---- plans

    @Test
    void aPlanIsStagedAsItWasTold() {
        Hash first = plan(all());
        List<String> told = diff();
        stage(all().planned(first));
        assertThat(diff()).isEqualTo(told);
        assertHoldsApp();

        application(app, "1.0.1", 2);
        Hash second = plan(all());
        assertThat(second).isNotEqualTo(first);
        stage(all().planned(second));
        assertHoldsApp();
    }

    @Test
    void whatIsKnownOfFilesIsKeptInTheStoreAndMayBeLeftAside() throws IOException {
        stage();
        try (var known = Files.list(folder.resolve("store/unchanged"))) {
            assertThat(known).hasSize(1);
        }
        Files.writeString(app.resolve("by-arch/linux-x64/app/hello"), "hellO 1\n");
        assertThat(stage(all().withChecksum(true)).change()).isEqualTo(1);
        assertThat(stage(all().withChecksum(true)).change()).isZero();
        assertThat(stage().change()).isZero();
        assertHoldsApp();
    }

    private void assertHoldsApp() {
        try {
            Path out = Files.createTempDirectory(folder, "out");
            machine.run(machine.releases.dump(link, Dump.Options.to(out, NetworkOptions.none())));
            DemoFiles.requireEqual(app, out);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anotherPlanIsRefusedAndNothingWritten() throws IOException {
        stage();
        application(app, "1.0.1", 2);
        Hash plan = plan(all());
        Machine.Contents before = machine.contents(link);

        // As long as before: no line of the difference would show it.
        Files.writeString(app.resolve("by-arch/linux-x64/app/hello"), "hellO 2\n");
        assertFails("ERR_PLAN_CHANGED", "by-arch/linux-x64/app/hello", all().planned(plan));
        assertFails("ERR_PLAN_CHANGED", "since the dry run", all().dry().planned(plan));
        assertThat(machine.contents(link)).isEqualTo(before);

        Files.writeString(app.resolve("by-arch/linux-x64/app/hello"), "hello 2\n");
        assertThat(app.resolve("by-arch/linux-x64/app/hello").toFile().setExecutable(true))
                .isTrue();
        assertFails("ERR_PLAN_CHANGED", "since the dry run", all().planned(plan));
        assertThat(app.resolve("by-arch/linux-x64/app/hello").toFile().setExecutable(false))
                .isTrue();
        stage(all().planned(plan));
    }

    @Test
    void aDriveThatChangedMakesAnotherPlan() {
        stage();
        application(app, "1.0.1", 2);
        Hash plan = plan(all());
        try (Drive drive = machine.open(link)) {
            drive.put("/film.bin", new byte[1]);
        }
        assertFails("ERR_PLAN_CHANGED", "since the dry run", all().planned(plan));
    }

    // ---- truncation

    @Test
    void truncatingGoesBackToAVersionAndStagesOnFromThere() {
        long first = stage().version();
        application(app, "1.0.1", 2);
        stage();
        application(app, "1.0.2", 3);

        Stage.Options back = all().truncated(first);
        Stage.Result dry = stage(back.dry());
        List<String> told = diff();
        Stage.Staging begun = machine.events(Stage.Staging.class).get(0);
        assertThat(dry.verlink().requireDrive().version().fork()).isZero();
        assertThat(begun.current()).isEqualTo(first);

        Stage.Result done = stage(back);
        assertThat(diff()).isEqualTo(told);
        assertThat(machine.events(Stage.Staging.class)).containsExactly(begun);
        assertThat(done.verlink().requireDrive().version().fork()).isEqualTo(1);
        assertHoldsApp();

        // The same as without what is gone.
        try (Machine other = new Machine(folder.resolve("other"))) {
            Link same = other.touch();
            application(app, "1.0.0", 1);
            other.stage(same, app);
            application(app, "1.0.2", 3);
            other.stage(same, app);
            assertThat(other.contents(same).db().treeHash())
                    .isEqualTo(machine.contents(link).db().treeHash());
            assertThat(other.contents(same).blobs().treeHash())
                    .isEqualTo(machine.contents(link).blobs().treeHash());
        }
    }

    @Test
    void aDryRunTruncatesNothing() {
        long first = stage().version();
        application(app, "1.0.1", 2);
        stage();
        Machine.Contents before = machine.contents(link);
        stage(all().truncated(first).dry());
        assertThat(machine.contents(link)).isEqualTo(before);
    }

    @Test
    void onlyEndsOfBatchesCanBeGoneBackTo() {
        long first = stage().version();
        application(app, "1.0.1", 2);
        long second = stage().version();
        assertThat(second).isGreaterThan(first + 1);
        Machine.Contents before = machine.contents(link);
        for (long inside = 2; inside < second; inside++) {
            if (inside != first) {
                assertFails("BAD_ARGUMENT", ": 1, " + first + ", " + second + ".", all().truncated(inside));
            }
        }
        assertFails("BAD_ARGUMENT", "the drive has " + second, all().truncated(second + 1));
        assertFails("BAD_ARGUMENT", "from 0 on", all().truncated(-1));
        assertThat(machine.contents(link)).isEqualTo(before);
    }

    @Test
    void aPlanHoldsForATruncationToo() {
        long first = stage().version();
        application(app, "1.0.1", 2);
        stage();
        Hash plan = plan(all().truncated(first));
        assertFails("ERR_PLAN_CHANGED", "since the dry run", all().planned(plan));
        stage(all().truncated(first).planned(plan));
        assertHoldsApp();
    }

    // ---- warnings

    @Test
    void aVersionThatIsNotRaisedIsWarnedOf() {
        stage();
        assertThat(warnings()).isEmpty();
        stage();
        assertThat(warnings()).as("nothing changed").isEmpty();
        application(app, "1.0.0", 2);
        stage(all().dry());
        assertThat(warnings()).containsExactly("VERSION_NOT_RAISED");
        stage();
        assertThat(warnings()).containsExactly("VERSION_NOT_RAISED");
        application(app, "1.0.0-rc.1", 3);
        stage();
        assertThat(warnings()).containsExactly("VERSION_NOT_RAISED");
        application(app, "one", 3);
        stage();
        assertThat(warnings()).containsExactly("VERSION_NOT_RAISED");
        application(app, "1.0.1", 4);
        stage();
        assertThat(warnings()).isEmpty();
    }

    @Test
    void aFolderWithoutABuildIsWarnedOf() throws IOException {
        Path plain = folder.resolve("plain");
        Machine.write(plain, "package.json", "{\"version\":\"1.0.0\"}");
        stage(Stage.Options.of(plain));
        assertThat(warnings()).containsExactly("NO_BUILD");
        Machine.write(plain, "by-arch/linux-x64/app", "a file is an application, too");
        stage(Stage.Options.of(plain));
        assertThat(warnings()).doesNotContain("NO_BUILD");
    }

    // ---- purge

    @Test
    void purgingAloneIsSaidToHaveWrittenSomething() {
        stage();
        Stage.Options purge = new Stage.Options(app, false, false, List.of("film.bin"), List.of(), true, null, null);
        stage(purge.dry());
        assertThat(diff()).containsExactly("- /film.bin (-150kB)");
        stage(purge.planned(machine.events(Stage.Plan.class).get(0).hash()));
        assertThat(diff()).containsExactly("- /film.bin (-150kB)");
        assertThat(machine.tags()).doesNotContain("skipping");
        stage(purge);
        assertThat(machine.events(Stage.Skipping.class)).containsExactly(new Stage.Skipping("no changes", true));
    }
}
