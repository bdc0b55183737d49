package dev.espalier.release;

import static dev.espalier.release.Machine.application;
import static dev.espalier.release.Machine.at;
import static dev.espalier.release.Machine.here;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.drive.Drive;
import dev.espalier.drive.Entry;
import dev.espalier.log.Log;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvisionTest {

    @TempDir
    Path folder;

    private Machine machine;
    private Path app;
    private Link source;
    private Link target;

    @BeforeEach
    void open() {
        machine = new Machine(folder.resolve("store"));
        app = application(folder.resolve("app"), "1.0.0", 1);
        source = machine.touch();
        target = machine.touch();
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private Link stage(String version, int number) {
        return machine.stage(source, application(app, version, number)).verlink();
    }

    private static Link zero(Link link) {
        return at(link, 0);
    }

    private void assertFails(String code, String words, Operation<?> operation) {
        machine.events.clear();
        assertThatThrownBy(() -> operation.onEvent(machine.events::add).join())
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(words);
    }

    private void assertHolds(Link drive, Path expected) throws IOException {
        Path out = Files.createTempDirectory(folder, "out");
        machine.run(machine.releases.dump(drive, Dump.Options.to(out, NetworkOptions.none())));
        DemoFiles.requireEqual(expected, out);
    }

    @Test
    void historyIsStrippedAndTheFilesAreThere() throws IOException {
        stage("1.0.0", 1);
        stage("1.0.1", 2);
        Files.delete(app.resolve("film.bin"));
        Link staged = machine.stage(source, app).verlink();

        Provision.Result done = machine.provision(staged, target, zero(target));

        // A header and an entry for each of three files; a block of bytes for each.
        assertThat(machine.contents(target).db().length()).isEqualTo(4);
        assertThat(machine.contents(target).blobs().length()).isEqualTo(3);
        assertThat(machine.contents(source).db().length()).isGreaterThan(8);
        assertThat(machine.contents(source).blobs().length()).isGreaterThan(8);
        assertHolds(target, app);
        assertThat(done.changes()).isEqualTo(3);
        assertThat(done.semver()).isEqualTo("1.0.1");
        assertThat(done.source().verlink()).isEqualTo(staged);
        Machine.Contents contents = machine.contents(target);
        assertThat(done.target().core())
                .isEqualTo(new Provision.LogState(
                        Machine.key(target), 4, contents.db().treeHash()));
        assertThat(done.target().blobs().hash()).isEqualTo(contents.blobs().treeHash());
        assertThat(done.target().hashlink())
                .isEqualTo(Link.of(Machine.key(target), 0, 4, contents.db().treeHash()));
    }

    @Test
    void eachStepIsTold() {
        Link staged = stage("1.0.0", 1);
        machine.provision(staged, target, zero(target));
        assertThat(machine.tags())
                .containsExactly(
                        "diffing", "byte-diff", "diffed", "cooldown", "syncing", "synced", "staging", "staged");
        assertThat(machine.events(ByteDiff.class))
                .extracting(ByteDiff::toString)
                .containsExactly(
                        "+ /by-arch/linux-x64/app/hello (+8B)",
                        "+ /by-arch/linux-x64/app/same (+16B)",
                        "+ /film.bin (+150kB)",
                        "+ /package.json (+35B)");
        assertThat(machine.events(Provision.Staged.class)).containsExactly(new Provision.Staged(4));
    }

    @Test
    void aRerunAppendsNothingAndNeedsNoCooldown() {
        Link staged = stage("1.0.0", 1);
        machine.provision(staged, target, zero(target));
        Machine.Contents before = machine.contents(target);

        Provision.Result again = machine.provision(staged, target, zero(target));

        assertThat(again.changes()).isZero();
        assertThat(machine.contents(target)).isEqualTo(before);
        assertThat(machine.tags()).containsExactly("diffing", "diffed", "syncing", "synced", "staging", "staged");
    }

    @Test
    void theTargetContinuesProductionByteForByte() throws IOException {
        Link production = machine.touch();
        machine.provision(stage("1.0.0", 1), production, zero(production));
        Machine.Contents out = machine.contents(production);

        Link staged = stage("1.1.0", 2);
        machine.provision(staged, target, at(production, out.db().length()));

        assertThat(machine.tags())
                .containsExactly(
                        "diffing",
                        "byte-diff",
                        "diffed",
                        "cooldown",
                        "syncing",
                        "blocks",
                        "synced",
                        "staging",
                        "staged");
        assertThat(machine.events(Prefix.Blocks.class))
                .containsExactly(
                        new Prefix.Blocks(
                                "blobs", out.blobs().length(), out.blobs().length()),
                        new Prefix.Blocks(
                                "metadata", out.db().length(), out.db().length()));
        assertThat(machine.events(Provision.Diffed.class).get(0).target().core().hash())
                .isEqualTo(out.db().treeHash());
        assertHolds(target, app);
        try (Drive drive = machine.open(target)) {
            assertThat(drive.db().treeHash(out.db().length()))
                    .isEqualTo(out.db().treeHash());
            assertThat(drive.blobs().treeHash(out.blobs().length()))
                    .isEqualTo(out.blobs().treeHash());
            // One entry for each of the three changed files; their bytes.
            assertThat(drive.db().length()).isEqualTo(out.db().length() + 3);
        }
    }

    @Test
    void moreProvisionsBeforeAReleaseStayCompatible() throws IOException {
        Link production = machine.touch();
        machine.provision(stage("1.0.0", 1), production, zero(production));
        Machine.Contents out = machine.contents(production);
        Link verlink = at(production, out.db().length());
        machine.provision(stage("1.1.0", 2), target, verlink);
        machine.provision(stage("1.2.0", 3), target, verlink);
        assertHolds(target, app);
        try (Drive drive = machine.open(target)) {
            assertThat(drive.db().treeHash(out.db().length()))
                    .isEqualTo(out.db().treeHash());
            assertThat(drive.fork()).isZero();
        }
    }

    @Test
    void twoMachinesMakeTheSameTargetByteForByte() throws Exception {
        Link production = machine.touch();
        machine.provision(stage("1.0.0", 1), production, zero(production));
        Link verlink = at(production, machine.contents(production).db().length());
        stage("1.0.1", 2);
        stage("1.0.2", 3);
        Link staged = stage("1.1.0", 4);
        stage("1.2.0", 5); // The version is what counts, not what came after it.
        machine.provision(staged, target, verlink);

        try (Machine other = new Machine(folder.resolve("other"));
                Machine.Seeder sources = machine.seed(source);
                Machine.Seeder productions = machine.seed(production)) {
            Link elsewhere = other.touch();
            NetworkOptions network = NetworkOptions.connect(sources.address(), productions.address());
            other.run(other.provisioning(
                    staged, elsewhere, verlink, new Provision.Options(false, Duration.ZERO, network)));

            assertThat(other.contents(elsewhere)).isEqualTo(machine.contents(target));
            try (Drive one = machine.open(target);
                    Drive two = other.open(elsewhere)) {
                assertSameBlocks(one.db(), two.db());
                assertSameBlocks(one.blobs(), two.blobs());
            }
        }
    }

    private static void assertSameBlocks(Log one, Log two) {
        assertThat(two.length()).isEqualTo(one.length());
        for (long i = 0; i < one.length(); i++) {
            assertThat(two.get(i)).as("block %d", i).isEqualTo(one.get(i));
        }
    }

    @Test
    void aLostTargetIsRebuiltFromProduction() {
        Link production = machine.touch();
        machine.provision(stage("1.0.0", 1), production, zero(production));
        machine.provision(stage("1.1.0", 2), production, zero(production));
        Machine.Contents out = machine.contents(production);
        Link verlink = at(production, out.db().length());

        machine.provision(verlink, target, verlink);

        assertThat(machine.contents(target)).isEqualTo(out);
    }

    @Test
    void aDryRunWritesNothing() {
        Link production = machine.touch();
        machine.provision(stage("1.0.0", 1), production, zero(production));
        Link verlink = at(production, machine.contents(production).db().length());
        Link staged = stage("1.1.0", 2);

        Provision.Result dry = machine.run(machine.provisioning(staged, target, verlink, here().dry()));
        List<ByteDiff> told = machine.events(ByteDiff.class);

        assertThat(dry.dryRun()).isTrue();
        assertThat(dry.target().core().length()).isZero();
        assertThat(machine.contents(target).db().length()).isZero();
        assertThat(machine.contents(target).blobs().length()).isZero();
        assertThat(machine.tags()).containsExactly("diffing", "byte-diff", "diffed", "dry");

        machine.provision(staged, target, verlink);
        assertThat(machine.events(ByteDiff.class)).isEqualTo(told);
    }

    @Test
    void whoChangesTheirMindInTheCooldownHasWrittenNothing() {
        Link staged = stage("1.0.0", 1);
        Operation<Provision.Result> operation =
                machine.provisioning(staged, target, zero(target), here().withCooldown(Duration.ofHours(1)));
        operation.onEvent(event -> {
            if (event instanceof Provision.Cooldown) {
                operation.cancel();
            }
        });
        assertFails("ERR_INTERRUPTED", "Interrupted", operation);
        assertThat(machine.contents(target).db().length()).isZero();
        assertThat(machine.contents(target).blobs().length()).isZero();
    }

    @Test
    void whatIsWrittenToTheTargetInTheCooldownIsNotBuiltUpon() {
        Link staged = stage("1.0.0", 1);
        Operation<Provision.Result> operation = machine.provisioning(staged, target, zero(target), here());
        operation.onEvent(event -> {
            if (event instanceof Provision.Cooldown) {
                try (Drive drive = machine.open(target)) {
                    drive.put("/meanwhile", new byte[1]);
                }
            }
        });
        assertFails("ERR_CHANGED", "provision again", operation);
    }

    @Test
    void whereverItIsStoppedARerunEndsTheSame() {
        Link production = machine.touch();
        machine.provision(stage("1.0.0", 1), production, zero(production));
        Link verlink = at(production, machine.contents(production).db().length());
        put(source, "metadata", "{}");
        put(source, "manifest", "{}");
        Link staged = stage("1.1.0", 2);
        machine.provision(staged, target, verlink);
        Machine.Contents expected = machine.contents(target);
        int told = machine.events.size();

        for (int stop = 0; stop < told; stop++) {
            Link again = machine.touch();
            Operation<Provision.Result> operation = machine.provisioning(staged, again, verlink, here());
            int[] left = {stop};
            operation.onEvent(event -> {
                if (left[0]-- == 0) {
                    throw new IllegalStateException("stopped at " + event);
                }
            });
            assertThatThrownBy(operation::join).hasMessageContaining("stopped at");
            machine.provision(staged, again, verlink);
            assertThat(machine.contents(again)).as("stopped at event %d", stop).isEqualTo(expected);
        }
    }

    @Test
    void sourceAndProductionMustBeVersioned() {
        assertThatThrownBy(() -> new Provision.Links(source, target, zero(target)))
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_INVALID_LINK"))
                .hasMessageContaining("source must be versioned");
        assertThatThrownBy(() -> new Provision.Links(zero(source), target, target))
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_INVALID_LINK"))
                .hasMessageContaining("production must be versioned")
                .hasMessageContaining(zero(target).toString());
    }

    @Test
    void theTargetMustHaveBeenMadeHere() {
        try (Machine other = new Machine(folder.resolve("other"))) {
            Link foreign = other.touch();
            assertFails(
                    "ERR_NOT_WRITABLE",
                    "bound to the store",
                    machine.provisioning(stage("1.0.0", 1), foreign, zero(foreign), here()));
        }
    }

    @Test
    void aSourceThatNobodyKnowsIsNotFound() {
        try (Machine other = new Machine(folder.resolve("other"))) {
            Link foreign = at(other.touch(), 5);
            assertFails("ERR_NOT_FOUND", "--peer", machine.provisioning(foreign, target, zero(target), here()));
        }
        Link staged = stage("1.0.0", 1);
        Link beyond = at(source, staged.requireDrive().version().length() + 1);
        assertFails("ERR_NOT_FOUND", "the drive has", machine.provisioning(beyond, target, zero(target), here()));
    }

    @Test
    void onlyVersionsForProductionAreProvisioned() {
        List<String> refused = new ArrayList<>();
        List<String> taken = new ArrayList<>();
        Vectors.list("versions", "provisionPattern").forEach(vector -> {
            String version = vector.get("version").getAsString();
            Link staged = stage(version, 1);
            Operation<Provision.Result> dry = machine.provisioning(staged, target, zero(target), here().dry());
            if (vector.get("accepted").getAsBoolean()) {
                taken.add(machine.run(dry).semver());
            } else {
                assertFails("ERR_INVALID_MANIFEST", "Source has non-production SemVer", dry);
                refused.add(version);
            }
        });
        assertThat(taken).contains("1.0.0");
        assertThat(refused).contains("1.0.0-rc.1");
    }

    @Test
    void aSourceWithoutPackageJsonIsRefused() throws IOException {
        Files.delete(app.resolve("package.json"));
        Link staged = machine.stage(source, app).verlink();
        assertFails(
                "ERR_INVALID_MANIFEST", "no package.json", machine.provisioning(staged, target, zero(target), here()));
    }

    @Test
    void aTargetThatDoesNotContinueProductionIsRefused() {
        Link production = machine.touch();
        machine.provision(stage("1.0.0", 1), production, zero(production));
        Link staged = stage("1.1.0", 2);
        machine.provision(staged, target, zero(target));
        Machine.Contents before = machine.contents(target);

        Link verlink = at(production, machine.contents(production).db().length());
        assertFails(
                "INCOMPATIBLE_SOURCE_AND_TARGET",
                "are not production's",
                machine.provisioning(staged, target, verlink, here()));
        assertThat(machine.contents(target)).isEqualTo(before);
    }

    @Test
    void aTruncatedTargetIsRefused() {
        Link staged = stage("1.0.0", 1);
        machine.provision(staged, target, zero(target));
        try (Drive drive = machine.open(target)) {
            drive.truncate(1);
        }
        Link production = machine.touch();
        assertFails(
                "INCOMPATIBLE_SOURCE_AND_TARGET",
                "is at fork 1",
                machine.provisioning(staged, target, zero(production), here()));
        // As its own production it is no better: the link says fork 0.
        assertFails(
                "ERR_NOT_FOUND", "the drive is at fork 1", machine.provisioning(staged, target, zero(target), here()));
    }

    @Test
    void theForkOfTheSourceMustBeTheLinks() {
        Link staged = stage("1.0.0", 1);
        Link other =
                Link.of(Machine.key(source), 1, staged.requireDrive().version().length());
        assertFails(
                "ERR_NOT_FOUND", "The link means fork 1", machine.provisioning(other, target, zero(target), here()));
    }

    @Test
    void productionMustBeKnownAsFarAsItsLinkSays() {
        Link production = machine.touch();
        machine.provision(stage("1.0.0", 1), production, zero(production));
        long length = machine.contents(production).db().length();
        assertFails(
                "ERR_NOT_FOUND",
                "Production is not known at version " + (length + 1),
                machine.provisioning(stage("1.1.0", 2), target, at(production, length + 1), here()));
    }

    @Test
    void productionThatNobodyTellsOfIsWaitedForButNotForEver() {
        Link staged = stage("1.0.0", 1);
        try (Machine other = new Machine(folder.resolve("other"));
                Machine.Seeder seeder = other.seed(other.touch())) {
            Link unknown = at(other.touch(), 3);
            InetSocketAddress address = seeder.address();
            NetworkOptions network = NetworkOptions.connect(address).withTimeout(Duration.ofMillis(300));
            assertFails(
                    "ERR_TIMEOUT",
                    "3 blocks of",
                    machine.provisioning(
                            staged, target, unknown, new Provision.Options(false, Duration.ZERO, network)));
        }
    }

    @Test
    void theBootstrapFormNamesTheTargetOrWhatProductionWillBe() throws IOException {
        Link staged = stage("1.0.0", 1);
        Link other = machine.touch();
        machine.provision(staged, target, zero(target));
        try (Machine nobodyHere = new Machine(folder.resolve("other"))) {
            machine.provision(staged, other, zero(nobodyHere.touch()));
        }
        assertHolds(other, app);
        assertThat(machine.contents(other)).isEqualTo(machine.contents(target));
    }

    @Test
    void theBootstrapFormWarnsWhenThereIsAProduction() {
        Link production = machine.touch();
        machine.provision(stage("1.0.0", 1), production, zero(production));
        assertThat(machine.events(Warning.class)).isEmpty();
        machine.provision(stage("1.0.1", 2), production, zero(production));
        assertThat(machine.events(Warning.class)).as("its own bootstrap").isEmpty();

        machine.provision(stage("1.1.0", 3), target, zero(production));
        assertThat(machine.events(Warning.class)).singleElement().satisfies(warning -> {
            assertThat(warning.code()).isEqualTo("PRODUCTION_EXISTS");
            assertThat(warning.message())
                    .contains(at(production, machine.contents(production).db().length())
                            .toString());
        });
        try (Drive drive = machine.open(target)) {
            Machine.Contents out = machine.contents(production);
            assertThat(drive.db().treeHash(out.db().length()))
                    .isEqualTo(out.db().treeHash());
        }
    }

    @Test
    void fieldsBesideTheFilesFollowTheSource() {
        stage("1.0.0", 1);
        put(source, "metadata", "{ \"a\" : 1 }");
        put(target, "manifest", "true");
        put(target, "other", "1");
        Link staged = at(source, machine.contents(source).db().length());

        machine.provision(staged, target, zero(target));
        assertThat(machine.events(Provision.Unsetting.class)).containsExactly(new Provision.Unsetting("manifest"));
        assertThat(machine.events(Provision.Setting.class))
                .extracting(setting -> setting.field() + " " + setting.value())
                .containsExactly("metadata {\"a\":1}");
        try (Drive drive = machine.open(target)) {
            assertThat(drive.btree().get(bytes("manifest"))).isNull();
            assertThat(drive.btree().get(bytes("metadata")).value()).isEqualTo(bytes("{\"a\":1}"));
            assertThat(drive.btree().get(bytes("other"))).isNotNull();
        }
        Machine.Contents before = machine.contents(target);
        machine.provision(staged, target, zero(target));
        assertThat(machine.contents(target)).isEqualTo(before);
        assertThat(machine.tags()).doesNotContain("setting", "unsetting", "cooldown");
    }

    private void put(Link link, String field, String json) {
        try (Drive drive = machine.open(link)) {
            drive.btree().put(bytes(field), bytes(json));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void executableBitsLinksAndEmptyFilesAreKept() throws IOException {
        Files.createFile(app.resolve("empty"));
        assertThat(app.resolve("film.bin").toFile().setExecutable(true)).isTrue();
        Files.createSymbolicLink(app.resolve("hello"), Path.of("by-arch/linux-x64/app/hello"));
        machine.provision(machine.stage(source, app).verlink(), target, zero(target));
        assertHolds(target, app);
        try (Drive drive = machine.open(target)) {
            Entry link = drive.entry("/hello");
            assertThat(link.linkname()).isEqualTo("by-arch/linux-x64/app/hello");
        }
    }
}
