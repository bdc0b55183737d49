package dev.espalier.release;

import dev.espalier.merkle.Key;
import dev.espalier.release.multisig.MultisigConfig;
import dev.espalier.release.multisig.SecretKey;
import dev.espalier.release.multisig.SigningRequest;
import dev.espalier.release.multisig.SigningResponse;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A team: one machine that builds, two that seed, three people who sign, and others who may commit. */
final class Signing implements AutoCloseable {

    /** For what is expected to be there. */
    static final SeedingRule PATIENT = new SeedingRule(2, Duration.ofSeconds(60));

    /** For what is expected to be missing. */
    static final SeedingRule HASTY = new SeedingRule(2, Duration.ofMillis(200));

    final Machine builder;
    final Machine ann;
    final Machine bob;
    final Link staged;
    final Link provision;
    final MultisigConfig config;
    final Link production;

    private final Path folder;
    private final Path app;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Machine.Seeder> seeders = new ArrayList<>();

    Signing(Path folder) {
        this.folder = folder;
        this.app = folder.resolve("app");
        builder = machine("builder");
        ann = machine("ann");
        bob = machine("bob");
        staged = builder.touch();
        provision = builder.touch();
        config = new MultisigConfig(
                true,
                List.of(signer(0).publicKey(), signer(1).publicKey(), signer(2).publicKey()),
                "orchard",
                2,
                Machine.key(provision));
        production = Link.of(config.key());
    }

    Machine machine(String name) {
        Machine machine = new Machine(folder.resolve(name));
        open.add(machine);
        return machine;
    }

    static SecretKey signer(int number) {
        byte[] seed = new byte[Key.BYTES];
        Arrays.fill(seed, (byte) (number + 1));
        return SecretKey.ofSeed(seed);
    }

    /** Everybody seeds provision and production from now on. */
    void seed() {
        Machine.Seeder source = builder.seed(provision);
        open.add(source);
        for (Machine machine : List.of(ann, bob)) {
            seeders.add(machine.seed(provision, source.address()));
            open.add(seeders.get(seeders.size() - 1));
            open.add(machine.seed(production));
        }
    }

    /** Where the two seeders are. */
    NetworkOptions network() {
        return NetworkOptions.connect(
                seeders.stream().map(Machine.Seeder::address).toArray(InetSocketAddress[]::new));
    }

    /** Stages and provisions a version that depends on the number. */
    void provision(String version, int number) {
        provision(version, number, builder.contents(production).db().length());
    }

    void provision(String version, int number, long out) {
        Link from =
                builder.stage(staged, Machine.application(app, version, number)).verlink();
        builder.provision(from, provision, Machine.at(production, out));
    }

    /** Made where the provision link is, of the newest version, which all seeders must have. */
    SigningRequest request() {
        MultisigRequest.Options options =
                new MultisigRequest.Options(null, false, false, false, PATIENT, NetworkOptions.none());
        return SigningRequest.parse(
                builder.run(builder.releases.multisigRequest(config, options)).request());
    }

    static List<SigningResponse> answers(SigningRequest request, int... signers) {
        List<SigningResponse> answers = new ArrayList<>();
        for (int number : signers) {
            try (SecretKey key = signer(number)) {
                answers.add(SigningResponse.sign(request, key));
            }
        }
        return answers;
    }

    MultisigCommit.Options patient() {
        return MultisigCommit.Options.of(network()).withRule(PATIENT);
    }

    Operation<MultisigCommit.Result> commit(
            Machine machine, SigningRequest request, List<SigningResponse> answers, MultisigCommit.Options options) {
        return machine.releases.multisigCommit(config, request, answers, options);
    }

    /** Requests, signs and commits the newest provision. */
    MultisigCommit.Result release(Machine machine, int... signers) {
        SigningRequest request = request();
        return machine.run(commit(machine, request, answers(request, signers), patient()));
    }

    /** The builder learns what is out, as it must before it provisions again. */
    void learnProduction() {
        Path out = folder.resolve("learned");
        builder.run(builder.releases.dump(
                production, new Dump.Options(out, true, null, List.of(), true, false, true, network())));
    }

    /** Runs it on a thread of its own. */
    static <R> CompletableFuture<R> start(Operation<R> operation) {
        CompletableFuture<R> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        done.complete(operation.join());
                    } catch (RuntimeException | Error e) {
                        done.completeExceptionally(e);
                    }
                },
                "operation");
        thread.start();
        return done;
    }

    /** Ends one of the two seeders of provision and production. */
    void stop(int seeder) throws Exception {
        Machine.Seeder stopped = seeders.remove(seeder);
        stopped.close();
    }

    @Override
    public void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }
}
