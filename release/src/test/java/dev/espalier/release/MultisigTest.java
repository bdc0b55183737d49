package dev.espalier.release;

import static dev.espalier.release.Signing.answers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.Log;
import dev.espalier.log.LogAudit;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.release.multisig.MultisigConfig;
import dev.espalier.release.multisig.SigningRequest;
import dev.espalier.release.multisig.SigningResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests, commits and what stops them, between stores over loopback. */
@Timeout(300)
class MultisigTest {

    @TempDir
    Path folder;

    private Signing team;

    @BeforeEach
    void open() {
        team = new Signing(folder);
    }

    @AfterEach
    void close() throws Exception {
        team.close();
    }

    private static void assertFails(String code, Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        EspalierException.class,
                        e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }

    private Machine.Contents source() {
        return team.builder.contents(team.provision);
    }

    private void assertProduction(Machine machine, Machine.Contents expected) {
        assertThat(machine.contents(team.production)).isEqualTo(expected);
        for (SigningRequest.Part part :
                SigningRequest.of(3, team.config.manifest(), 0, head(), head()).parts()) {
            try (Log log = machine.store.log(part.manifest())) {
                assertThat(log.has(0, log.length())).as(part.name()).isTrue();
                assertThat(LogAudit.run(log).ok()).isTrue();
            }
        }
    }

    private static SigningRequest.Head head() {
        return new SigningRequest.Head(1, Hash.digest(new byte[0]));
    }

    @Test
    void threeReleasesAreCommittedOnMachinesThatHoldNoKey() {
        team.provision("1.0.0", 1);
        team.seed();
        Machine first = team.machine("first");
        MultisigCommit.Result done = team.release(first, 2, 0);
        assertThat(done.firstCommit()).isTrue();
        assertThat(done.quorum()).isEqualTo(new MultisigCommit.Quorum(2, 2));
        assertThat(done.link())
                .isEqualTo(Machine.at(team.production, source().db().length()));
        assertThat(first.tags())
                .containsSubsequence(
                        "verify-committable-start", "commit-start", "committed", "verify-committed-start", "seeders");
        assertThat(first.events(MultisigCommit.Committed.class))
                .extracting(MultisigCommit.Committed::core)
                .containsExactly("blobs", "db");
        assertProduction(first, source());
        assertProduction(team.ann, source());

        team.learnProduction();
        team.provision("1.1.0", 2);
        MultisigCommit.Result next = team.release(first, 0, 1, 2);
        assertThat(next.firstCommit()).isFalse();
        assertThat(next.quorum()).isEqualTo(new MultisigCommit.Quorum(2, 3));
        assertProduction(first, source());

        // Somebody who never saw a release.
        team.learnProduction();
        team.provision("1.2.0", 3);
        Machine other = team.machine("other");
        assertThat(team.release(other, 1, 2).firstCommit()).isFalse();
        assertProduction(other, source());
        assertProduction(team.bob, source());
    }

    @Test
    void aLostProvisionLinkIsMadeAgainAndReleasesGoOn() {
        team.provision("1.0.0", 1);
        team.seed();
        team.release(team.machine("first"), 0, 1);
        Machine.Contents out = source();

        // Another machine, which can write to none of the links so far.
        Machine heir = team.machine("heir");
        heir.run(heir.releases.dump(
                team.production,
                new Dump.Options(folder.resolve("out"), true, null, List.of(), true, false, true, team.network())));
        Link production = Machine.at(team.production, out.db().length());
        Link provision = heir.touch();
        heir.run(heir.releases.provision(
                new Provision.Links(production, provision, production),
                new Provision.Options(false, Duration.ZERO, team.network())));
        assertThat(heir.contents(provision)).isEqualTo(out);

        Path app = Machine.application(folder.resolve("app"), "1.1.0", 2);
        heir.provision(heir.stage(heir.touch(), app).verlink(), provision, production);
        MultisigConfig config = team.config.withSource(Machine.key(provision));
        assertThat(config.key()).isEqualTo(team.config.key());
        try (Machine.Seeder source = heir.seed(provision);
                Machine.Seeder one = team.ann.seed(provision, source.address());
                Machine.Seeder two = team.bob.seed(provision, source.address())) {
            SigningRequest request = SigningRequest.parse(heir.run(heir.releases.multisigRequest(
                            config,
                            new MultisigRequest.Options(
                                    null, false, false, false, Signing.PATIENT, NetworkOptions.none())))
                    .request());
            Machine other = team.machine("other");
            MultisigCommit.Options options = MultisigCommit.Options.of(
                            NetworkOptions.connect(one.address(), two.address()))
                    .withRule(Signing.PATIENT);
            MultisigCommit.Result done =
                    other.run(other.releases.multisigCommit(config, request, answers(request, 0, 2), options));
            assertThat(done.firstCommit()).isFalse();
            assertProduction(other, heir.contents(provision));
        }
    }

    @Test
    void aRequestNeedsTwoSeedersWithAllOfIt() throws Exception {
        team.provision("1.0.0", 1);
        MultisigRequest.Options hasty =
                new MultisigRequest.Options(null, false, false, false, Signing.HASTY, NetworkOptions.none());
        assertFails(
                "SOURCE_CORE_INSUFFICIENT_PEERS",
                () -> team.builder.run(team.builder.releases.multisigRequest(team.config, hasty)));
        MultisigRequest.Options forced =
                new MultisigRequest.Options(null, false, true, true, Signing.HASTY, NetworkOptions.none());
        MultisigRequest.Result made = team.builder.run(team.builder.releases.multisigRequest(team.config, forced));
        assertThat(SigningRequest.parse(made.request()).version()).isEqualTo(2);

        team.seed();
        SigningRequest request = team.request();
        assertThat(request.version()).isEqualTo(3);
        assertThat(request.head())
                .isEqualTo(new SigningRequest.Head(
                        source().db().length(), source().db().treeHash()));
        assertThat(request.blobs().treeHash()).isEqualTo(source().blobs().treeHash());
        assertThat(team.builder.tags())
                .containsExactly(
                        "getting-src-blobs",
                        "verify-db-requestable-start",
                        "getting-blobs-length",
                        "verify-blobs-requestable-start",
                        "creating-drive");

        team.stop(1);
        assertFails(
                "SOURCE_CORE_INSUFFICIENT_PEERS",
                () -> team.builder.run(team.builder.releases.multisigRequest(team.config, hasty)));
    }

    @Test
    void aPeerThatLacksBlocksIsNoSeeder() {
        team.provision("1.0.0", 1);
        Machine lazy = team.machine("lazy");
        try (Machine.Seeder source = team.builder.seed(team.provision);
                Machine.Seeder one = team.ann.seed(team.provision, source.address());
                Log reader = lazy.store.log(Machine.key(team.provision));
                Network ignored = network(lazy, source)) {
            reader.update(NetworkOptions.DEFAULT_TIMEOUT);
            MultisigRequest.Options options = new MultisigRequest.Options(
                    null, false, false, false, new SeedingRule(2, Duration.ofSeconds(2)), NetworkOptions.none());
            assertFails(
                    "SOURCE_CORE_NOT_FULLY_SEEDED",
                    () -> team.builder.run(team.builder.releases.multisigRequest(team.config, options)));
            assertThat(one.address()).isNotNull();
        }
    }

    private static Network network(Machine machine, Machine.Seeder to) {
        return Network.open(
                new Steps(event -> {}, progress -> {}), machine.store, NetworkOptions.connect(to.address()));
    }

    @Test
    void anotherLengthMustBeMeant() {
        team.provision("1.0.0", 1);
        long length = source().db().length();
        team.builder.provision(
                team.builder
                        .stage(team.staged, Machine.application(folder.resolve("app"), "1.0.1", 2))
                        .verlink(),
                team.provision,
                Machine.at(team.production, 0));
        assertFails("ERR_NOT_CONFIRMED", () -> request(length, false));
        assertThat(request(length, true).length()).isEqualTo(length);
        assertFails("SOURCE_CORE_TOO_SMALL", () -> request(1000L, true));
    }

    private MultisigRequest.Result request(long length, boolean meant) {
        MultisigRequest.Options options =
                new MultisigRequest.Options(length, meant, true, false, Signing.HASTY, NetworkOptions.none());
        return team.builder.run(team.builder.releases.multisigRequest(team.config, options));
    }

    @Test
    void aSourceThatWasTruncatedIsNeverAskedFor() {
        team.provision("1.0.0", 1);
        try (var drive = team.builder.open(team.provision)) {
            drive.truncate(1);
        }
        team.builder.provision(
                team.builder.contents(team.staged).db().length() > 0 ? Machine.at(team.staged, 0) : team.staged,
                team.provision,
                Link.of(Machine.key(team.provision), 1, 0));
        MultisigRequest.Options options =
                new MultisigRequest.Options(null, false, true, false, Signing.HASTY, NetworkOptions.none());
        assertFails(
                "INVALID_SIGNATURE",
                () -> team.builder.run(team.builder.releases.multisigRequest(team.config, options)));
    }

    // ---- verify

    @Test
    void verifyTellsWhatIsMissingAndWritesNothing() {
        team.provision("1.0.0", 1);
        team.seed();
        SigningRequest request = team.request();
        Machine other = team.machine("other");
        for (int signed = 0; signed <= 2; signed++) {
            int[] signers = signed == 0 ? new int[0] : signed == 1 ? new int[] {1} : new int[] {2, 1};
            MultisigCommit.Options check = team.patient().dry();
            // With the flag or without it.
            MultisigCommit.Result checked = other.run(
                    team.commit(other, request, answers(request, signers), signed == 1 ? check.first() : check));
            assertThat(checked.quorum()).isEqualTo(new MultisigCommit.Quorum(2, signed));
            assertThat(checked.dryRun()).isTrue();
            assertThat(checked.result().db().batch().signature() != null).isEqualTo(signed == 2);
        }
        assertNothingWritten(other);
    }

    private void assertNothingWritten(Machine machine) {
        try (Log db = machine.store.log(team.config.manifest());
                Log blobs = machine.store.log(team.config.blobsManifest())) {
            assertThat(db.length()).isZero();
            assertThat(blobs.length()).isZero();
        }
    }

    // ---- tampering

    @Test
    void wrongSignersAreRefusedBeforeAnythingHappens() {
        team.provision("1.0.0", 1);
        team.seed();
        SigningRequest request = team.request();
        Machine other = team.machine("other");
        assertRefused(other, "ERR_INSUFFICIENT_QUORUM", request, answers(request, 0));
        assertRefused(other, "ERR_INSUFFICIENT_QUORUM", request, answers(request, 1, 1, 1));
        // A signer of another team, over a request that names him.
        MultisigConfig foreign = new MultisigConfig(
                true,
                List.of(Signing.signer(0).publicKey(), Signing.signer(7).publicKey()),
                "orchard",
                2,
                team.config.source());
        SigningRequest theirs = SigningRequest.of(3, foreign.manifest(), 0, request.head(), request.blobs());
        assertRefused(other, "ERR_OTHER_REQUEST", request, answers(theirs, 7));
        assertRefused(other, "INVALID_SIGNATURE", theirs, answers(theirs, 0, 7));
        // Answers to an older request.
        SigningRequest older = SigningRequest.of(
                3,
                team.config.manifest(),
                0,
                new SigningRequest.Head(2, request.head().treeHash()),
                request.blobs());
        assertRefused(other, "ERR_OTHER_REQUEST", request, answers(older, 0, 1));
        assertNothingWritten(other);
    }

    private void assertRefused(Machine machine, String code, SigningRequest request, List<SigningResponse> answers) {
        assertFails(
                code,
                () -> machine.run(
                        team.commit(machine, request, answers, team.patient().withRule(Signing.HASTY))));
    }

    @Test
    void aRequestForAnotherQuorumIsRefused() {
        team.provision("1.0.0", 1);
        team.seed();
        SigningRequest request = team.request();
        Machine other = team.machine("other");
        MultisigConfig careless =
                new MultisigConfig(true, team.config.publicKeys(), "orchard", 1, team.config.source());
        SigningRequest theirs = SigningRequest.of(3, careless.manifest(), 0, request.head(), request.blobs());
        assertThatThrownBy(() -> other.run(team.commit(other, theirs, answers(theirs, 0), team.patient())))
                .hasMessageContaining("quorum (1 in the request, 2 here)")
                .extracting("code")
                .isEqualTo("INVALID_SIGNATURE");
        assertNothingWritten(other);
    }

    @Test
    void whereverABitIsFlippedInRequestOrResponseNothingIsWritten() {
        team.provision("1.0.0", 1);
        team.seed();
        SigningRequest request = team.request();
        List<SigningResponse> answers = answers(request, 0, 2);
        Machine other = team.machine("other");
        byte[] asked = request.encoded();
        Set<String> codes = new TreeSet<>();
        for (int bit = 0; bit < asked.length * 8; bit += 11) {
            byte[] flipped = flipped(asked, bit);
            codes.add(codeOf(
                    () -> other.run(team.commit(other, SigningRequest.decode(flipped), answers, team.patient()))));
        }
        assertThat(codes).containsExactlyInAnyOrder("ERR_INVALID_REQUEST", "ERR_OTHER_REQUEST", "INVALID_SIGNATURE");
        byte[] answer = answers.get(1).encoded();
        codes.clear();
        for (int bit = 0; bit < answer.length * 8; bit += 7) {
            byte[] flipped = flipped(answer, bit);
            codes.add(codeOf(() -> other.run(team.commit(
                    other, request, List.of(answers.get(0), SigningResponse.decode(flipped)), team.patient()))));
        }
        assertThat(codes)
                .containsExactlyInAnyOrder(
                        "ERR_INVALID_RESPONSE", "ERR_OTHER_REQUEST", "ERR_UNKNOWN_SIGNER", "INVALID_SIGNATURE");
        assertNothingWritten(other);
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        return flipped;
    }

    private static String codeOf(Runnable action) {
        try {
            action.run();
        } catch (EspalierException e) {
            return e.code();
        }
        throw new AssertionError("it was not refused");
    }

    @Test
    void aRequestThatIsNotOfTheSourceIsRefused() {
        team.provision("1.0.0", 1);
        team.seed();
        SigningRequest request = team.request();
        Machine other = team.machine("other");
        byte[] hash = request.head().treeHash().bytes();
        hash[5] ^= 1;
        SigningRequest.Head flipped = new SigningRequest.Head(request.head().length(), Hash.of(hash));
        for (SigningRequest bad : List.of(
                SigningRequest.of(3, team.config.manifest(), 0, flipped, request.blobs()),
                SigningRequest.of(
                        3,
                        team.config.manifest(),
                        0,
                        request.head(),
                        new SigningRequest.Head(request.blobs().length(), flipped.treeHash())),
                SigningRequest.of(
                        3,
                        team.config.manifest(),
                        0,
                        request.head(),
                        new SigningRequest.Head(
                                request.blobs().length() - 1, request.blobs().treeHash())))) {
            assertRefused(other, "SRC_KEY_MISMATCH", bad, answers(bad, 0, 1));
        }
        SigningRequest longer = SigningRequest.of(
                3, team.config.manifest(), 0, new SigningRequest.Head(99, flipped.treeHash()), request.blobs());
        assertRefused(other, "SOURCE_CORE_TOO_SMALL", longer, answers(longer, 0, 1));
        SigningRequest forked = SigningRequest.of(3, team.config.manifest(), 1, request.head(), request.blobs());
        assertRefused(other, "INVALID_SIGNATURE", forked, answers(forked, 0, 1));
        assertNothingWritten(other);
    }

    @Test
    void aSourceThatWasTruncatedSinceIsRefused() {
        team.provision("1.0.0", 1);
        team.seed();
        SigningRequest request = team.request();
        try (var drive = team.builder.open(team.provision)) {
            drive.truncate(1);
        }
        Machine other = team.machine("other");
        // Whether the seeders have followed yet or not.
        assertThatThrownBy(() -> other.run(team.commit(
                        other,
                        request,
                        answers(request, 0, 1),
                        MultisigCommit.Options.of(team.network()).withRule(Signing.HASTY))))
                .isInstanceOfSatisfying(
                        EspalierException.class,
                        e -> assertThat(e.code()).isIn("SOURCE_CORE_TOO_SMALL", "SRC_KEY_MISMATCH"));
        assertNothingWritten(other);
    }

    @Test
    void anOldRequestIsRefusedOnceAnotherOneIsOut() {
        team.provision("1.0.0", 1);
        team.seed();
        Machine other = team.machine("other");
        SigningRequest old = team.request();
        other.run(team.commit(other, old, answers(old, 0, 1), team.patient()));
        team.learnProduction();
        team.provision("1.1.0", 2);
        team.release(other, 0, 2);
        Machine.Contents out = other.contents(team.production);
        assertRefused(other, "COMMIT_FAILED", old, answers(old, 0, 1));
        assertThat(other.contents(team.production)).isEqualTo(out);
    }

    @Test
    void aSourceThatDoesNotContinueProductionIsRefused() {
        team.provision("1.0.0", 1);
        team.seed();
        Machine other = team.machine("other");
        team.release(other, 0, 1);
        // A provision link that was made as if nothing were out, with other files.
        Link strange = team.builder.touch();
        Link staged = team.builder
                .stage(team.staged, Machine.application(folder.resolve("app"), "2.0.0", 5))
                .verlink();
        team.builder.provision(staged, strange, Machine.at(strange, 0));
        team.builder.provision(
                team.builder
                        .stage(team.staged, Machine.application(folder.resolve("app"), "2.0.1", 6))
                        .verlink(),
                strange,
                Machine.at(strange, 0));
        MultisigConfig config = team.config.withSource(Machine.key(strange));
        MultisigRequest.Options forced =
                new MultisigRequest.Options(null, false, true, false, Signing.HASTY, NetworkOptions.none());
        SigningRequest request = SigningRequest.parse(team.builder
                .run(team.builder.releases.multisigRequest(config, forced))
                .request());
        Machine.Contents out = other.contents(team.production);
        try (Machine.Seeder seeder = team.builder.seed(strange)) {
            NetworkOptions network = NetworkOptions.connect(
                    seeder.address(), team.network().peers().get(0));
            MultisigCommit.Options force = new MultisigCommit.Options(false, false, true, Signing.HASTY, network);
            assertFails(
                    "INCOMPATIBLE_SOURCE_AND_TARGET",
                    () -> other.run(other.releases.multisigCommit(config, request, answers(request, 0, 1), force)));
            // The flag of a first commit helps as little.
            assertFails(
                    "INCOMPATIBLE_SOURCE_AND_TARGET",
                    () -> other.run(
                            other.releases.multisigCommit(config, request, answers(request, 0, 1), force.first())));
        }
        assertThat(other.contents(team.production)).isEqualTo(out);
    }

    @Test
    void aSourceThatIsShorterThanProductionIsRefused() {
        team.provision("1.0.0", 1);
        team.seed();
        Machine other = team.machine("other");
        team.release(other, 0, 1);
        team.learnProduction();
        team.provision("1.1.0", 2);
        team.release(other, 0, 2);
        Link young = team.builder.touch();
        team.builder.provision(Machine.at(team.staged, 0), young, Machine.at(young, 0));
        MultisigConfig config = team.config.withSource(Machine.key(young));
        MultisigRequest.Options forced =
                new MultisigRequest.Options(null, false, true, false, Signing.HASTY, NetworkOptions.none());
        SigningRequest request = SigningRequest.parse(team.builder
                .run(team.builder.releases.multisigRequest(config, forced))
                .request());
        Machine.Contents out = other.contents(team.production);
        try (Machine.Seeder seeder = team.builder.seed(young)) {
            MultisigCommit.Options force = new MultisigCommit.Options(
                    false, false, true, Signing.HASTY, NetworkOptions.connect(seeder.address()));
            assertFails(
                    "TARGET_CORE_TOO_BIG",
                    () -> other.run(other.releases.multisigCommit(config, request, answers(request, 0, 1), force)));
        }
        assertThat(other.contents(team.production)).isEqualTo(out);
    }

    @Test
    void productionMustBeSeededAndTheFlagOfAFirstCommitIsForFirstCommits() {
        team.provision("1.0.0", 1);
        team.seed();
        Machine other = team.machine("other");
        team.release(other, 0, 1);
        team.learnProduction();
        team.provision("1.1.0", 2);
        SigningRequest request = team.request();
        Machine.Contents out = other.contents(team.production);
        for (MultisigCommit.Options first :
                List.of(team.patient().first(), team.patient().first().dry())) {
            assertFails(
                    "TARGET_NOT_EMPTY", () -> other.run(team.commit(other, request, answers(request, 0, 1), first)));
        }
        // Seeders of the source that have nothing of production.
        Machine carol = team.machine("carol");
        Machine dave = team.machine("dave");
        try (Machine.Seeder three =
                        carol.seed(team.provision, team.network().peers().get(0));
                Machine.Seeder four =
                        dave.seed(team.provision, team.network().peers().get(0))) {
            MultisigCommit.Options blind = MultisigCommit.Options.of(
                            NetworkOptions.connect(three.address(), four.address()))
                    .withRule(new SeedingRule(2, Duration.ofSeconds(3)));
            assertThatThrownBy(() -> other.run(team.commit(other, request, answers(request, 0, 1), blind)))
                    .isInstanceOfSatisfying(
                            EspalierException.class,
                            e -> assertThat(e.code())
                                    .isIn("TARGET_CORE_INSUFFICIENT_PEERS", "SOURCE_CORE_NOT_FULLY_SEEDED"));
        }
        assertThat(other.contents(team.production)).isEqualTo(out);
    }

    // ---- interrupted

    private static final class Cut extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void cut(Operation<MultisigCommit.Result> operation, Predicate<Event> at) {
        assertThatThrownBy(() -> operation
                        .onEvent(event -> {
                            if (at.test(event)) {
                                throw new Cut();
                            }
                        })
                        .join())
                .isInstanceOf(Cut.class);
    }

    private static List<Predicate<Event>> boundaries() {
        return List.of(
                event -> event instanceof MultisigCommit.Committing,
                event -> event instanceof MultisigCommit.Committed done
                        && done.core().equals("blobs"),
                event -> event instanceof MultisigCommit.Committed done
                        && done.core().equals("db"),
                event -> event instanceof MultisigCommit.Waiting,
                event -> event instanceof MultisigCommit.Copies);
    }

    @Test
    void aFirstCommitThatWasCutGoesOnHereOrElsewhere() {
        team.provision("1.0.0", 1);
        team.seed();
        SigningRequest request = team.request();
        List<SigningResponse> answers = answers(request, 2, 1);
        List<Machine.Contents> ends = new ArrayList<>();
        int number = 0;
        for (Predicate<Event> at : boundaries()) {
            Machine here = team.machine("cut" + number++);
            cut(team.commit(here, request, answers, team.patient()), at);
            // The first boundary is before anything is written.
            assertThat(here.releases.unfinishedCommits()).hasSize(number == 1 ? 0 : 1);
            // With the flag or without it.
            MultisigCommit.Options again =
                    number % 2 == 0 ? team.patient() : team.patient().first();
            here.run(team.commit(here, request, answers, again));
            assertThat(here.releases.unfinishedCommits()).isEmpty();
            ends.add(here.contents(team.production));
            assertProduction(here, source());
        }
        Machine elsewhere = team.machine("elsewhere");
        MultisigCommit.Result done = elsewhere.run(team.commit(elsewhere, request, answers, team.patient()));
        assertThat(done.result().db().destCore().length())
                .isEqualTo(source().db().length());
        assertProduction(elsewhere, source());
        assertThat(ends).containsOnly(source());
    }

    @Test
    void aLaterCommitThatWasCutGoesOnHereOrElsewhere() {
        team.provision("1.0.0", 1);
        team.seed();
        team.release(team.machine("first"), 0, 1);
        team.learnProduction();
        team.provision("1.1.0", 2);
        SigningRequest request = team.request();
        List<SigningResponse> answers = answers(request, 2, 1);
        Machine here = team.machine("here");
        // The bytes are out, and with the seeders, too, maybe; the machine that did it is gone.
        cut(team.commit(here, request, answers, team.patient()), boundaries().get(1));
        Machine elsewhere = team.machine("elsewhere");
        elsewhere.run(team.commit(elsewhere, request, answers, team.patient()));
        assertProduction(elsewhere, source());
        here.run(team.commit(here, request, answers, team.patient()));
        assertProduction(here, source());
        assertProduction(team.ann, source());
    }

    @Test
    void aRerunOfAFinishedCommitChangesNothing() {
        team.provision("1.0.0", 1);
        team.seed();
        SigningRequest request = team.request();
        Machine here = team.machine("here");
        for (int round = 0; round < 3; round++) {
            MultisigCommit.Options options = round == 2 ? team.patient().first() : team.patient();
            here.run(team.commit(here, request, answers(request, 0, 1), options));
            assertProduction(here, source());
        }
    }

    @Test
    void interruptedWhileItWaitsItSaysThatNobodyIsKnownToHaveIt() throws Exception {
        team.provision("1.0.0", 1);
        team.seed();
        SigningRequest request = team.request();
        Machine here = team.machine("here");
        MultisigCommit.Options options = new MultisigCommit.Options(
                false, false, false, new SeedingRule(2, Signing.PATIENT.timeout()), team.network());
        CompletableFuture<Void> waiting = new CompletableFuture<>();
        List<Event> told = new ArrayList<>();
        Operation<MultisigCommit.Result> commit = team.commit(here, request, answers(request, 0, 1), options);
        commit.onEvent(event -> {
            told.add(event);
            if (event instanceof MultisigCommit.Waiting) {
                commit.cancel();
                waiting.complete(null);
            }
        });
        assertFails("ERR_INTERRUPTED", commit::join);
        waiting.join();
        assertThat(told)
                .filteredOn(Warning.class::isInstance)
                .extracting(event -> ((Warning) event).code())
                .containsExactly("NOT_SEEDED_YET");
        assertProduction(here, source());
        assertThat(here.releases.unfinishedCommits()).extracting(Warning::code).containsExactly("COMMIT_NOT_CONFIRMED");
    }

    @Test
    void aCommitEndsOnlyWhenTwoOthersHaveAllOfIt() throws Exception {
        team.provision("1.0.0", 1);
        // Two seeders of the source, one of which seeds production.
        try (Machine.Seeder source = team.builder.seed(team.provision);
                Machine.Seeder one = team.ann.seed(team.provision, source.address());
                Machine.Seeder two = team.bob.seed(team.provision, source.address());
                Machine.Seeder out = team.ann.seed(team.production)) {
            SigningRequest request = team.request();
            Machine here = team.machine("here");
            NetworkOptions network = NetworkOptions.connect(one.address(), two.address());
            MultisigCommit.Options options = MultisigCommit.Options.of(network).withRule(Signing.PATIENT);
            CompletableFuture<Void> oneHasIt = new CompletableFuture<>();
            Operation<MultisigCommit.Result> commit = team.commit(here, request, answers(request, 0, 1), options);
            commit.onEvent(event -> {
                if (event instanceof MultisigCommit.Copies copies && copies.full() == 1) {
                    oneHasIt.complete(null);
                }
            });
            CompletableFuture<MultisigCommit.Result> done = Signing.start(commit);
            oneHasIt.join();
            assertThat(done).isNotDone();
            try (Machine.Seeder second = team.bob.seed(team.production)) {
                done.join();
                assertThat(second.address()).isNotNull();
            }
            assertThat(out.address()).isNotNull();
            assertProduction(team.bob, source());
        }
    }

    // ---- what a signer sees

    @Test
    void aSignerSeesWhatIsToBeReleased() {
        team.provision("1.0.0", 1);
        team.seed();
        team.release(team.machine("first"), 0, 1);
        team.learnProduction();
        team.provision("1.1.0", 2);
        SigningRequest request = team.request();
        Machine signer = team.machine("signer");
        MultisigReview.Options options =
                new MultisigReview.Options(team.config.source(), false, Signing.PATIENT, team.network());
        MultisigReview.Result seen = signer.run(signer.releases.multisigReview(request, options));
        assertThat(seen.verified()).isTrue();
        assertThat(signer.events(ByteDiff.class))
                .extracting(ByteDiff::toString)
                .containsExactly(
                        "~ /by-arch/linux-x64/app/hello (-8B, +8B)",
                        "~ /film.bin (-150kB, +150kB)",
                        "~ /package.json (-35B, +35B)");
        MultisigReview.Found found = signer.events(MultisigReview.Found.class).get(0);
        assertThat(found.version()).isEqualTo("1.1.0");
        assertThat(found.previousVersion()).isEqualTo("1.0.0");
        assertThat(found.upgrade()).isNull();
        assertThat(signer.events(Warning.class)).extracting(Warning::code).contains("OTHER_UPGRADE_LINK");
        assertThat(signer.events(MultisigReview.Asked.class))
                .extracting(MultisigReview.Asked::treeHash)
                .containsExactly(source().db().treeHash());

        byte[] hash = request.head().treeHash().bytes();
        hash[0] ^= 1;
        SigningRequest bad = SigningRequest.of(
                3,
                team.config.manifest(),
                0,
                new SigningRequest.Head(request.head().length(), Hash.of(hash)),
                request.blobs());
        assertFails("SRC_KEY_MISMATCH", () -> signer.run(signer.releases.multisigReview(bad, options)));
    }

    @Test
    void aSingleLogIsReleasedLikeADrive() {
        MultisigConfig config;
        try (Log source = team.builder.store.log("source")) {
            source.append(new byte[] {1});
            source.append(new byte[] {2});
            config = new MultisigConfig(false, team.config.publicKeys(), "core", 2, source.key());
            MultisigRequest.Options forced =
                    new MultisigRequest.Options(null, false, true, false, Signing.HASTY, NetworkOptions.none());
            SigningRequest request = SigningRequest.parse(team.builder
                    .run(team.builder.releases.multisigRequest(config, forced))
                    .request());
            assertThat(request.isDrive()).isFalse();
            MultisigCommit.Options options =
                    new MultisigCommit.Options(false, false, true, Signing.HASTY, NetworkOptions.none());
            team.builder.run(team.builder.releases.multisigCommit(config, request, answers(request, 0, 2), options));
            try (Log out = team.builder.store.log(config.manifest())) {
                assertThat(out.treeHash()).isEqualTo(source.treeHash());
            }
        }
        assertThat(Files.exists(folder)).isTrue();
    }
}
