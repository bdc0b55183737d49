package dev.espalier.release;

import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.multisig.KeyCost;
import dev.espalier.release.multisig.KeyFile;
import dev.espalier.release.multisig.KeyFolder;
import dev.espalier.release.multisig.MultisigConfig;
import dev.espalier.release.multisig.SecretKey;
import dev.espalier.release.multisig.SigningRequest;
import dev.espalier.release.multisig.SigningResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The people of the demo who sign, and the two machines that seed what they sign.
 *
 * <p>Their keys are thrown away: passwords protect them for form's sake and cost next to nothing.
 */
final class DemoTeam implements AutoCloseable {

    /** Of all keys. */
    static final String PASSWORD = "only a demo";

    /** Who signs; two of them must. */
    static final List<String> SIGNERS = List.of("ann", "bob", "cy");

    private static final KeyCost CHEAP = new KeyCost(524_288, 16_777_216);
    private static final SeedingRule PATIENT = new SeedingRule(2, Duration.ofSeconds(20));

    private final Releases releases;
    private final KeyFolder keys;
    private final MultisigConfig config;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** Makes keys and the configuration in {@code folder}. */
    DemoTeam(Releases releases, Path folder, Key source) throws IOException {
        this.releases = releases;
        this.keys = new KeyFolder(folder.resolve("keys"));
        List<Key> publicKeys = new ArrayList<>();
        for (String name : SIGNERS) {
            try (SecretKey key = SecretKey.random()) {
                publicKeys.add(key.publicKey());
                keys.add(name, key.publicKey(), KeyFile.lock(key, PASSWORD.getBytes(StandardCharsets.UTF_8), CHEAP));
            }
        }
        config = new MultisigConfig(true, publicKeys, "demo", 2, source);
        Files.writeString(
                folder.resolve("multisig.json"),
                "{\"type\":\"drive\",\"publicKeys\":[\""
                        + String.join(
                                "\",\"", publicKeys.stream().map(Key::toString).toList())
                        + "\"],\"namespace\":\"demo\",\"quorum\":2,\"srcKey\":\"" + source + "\"}\n");
    }

    /** The link of production. */
    Link production() {
        return Link.of(config.key());
    }

    /** Two stores in {@code folder} that seed the source and production from now on. */
    void seed(Path folder, InetSocketAddress publisher) {
        Seed.Options options = Seed.Options.of(NetworkOptions.connect(publisher));
        for (String name : List.of("seeder-1", "seeder-2")) {
            LogStore store = LogStore.open(folder.resolve(name));
            open.push(store);
            for (Key key : List.of(MultisigRequest.requireSource(config), config.key())) {
                Operation<Seed.Result> seed = Releases.of(store).seed(Link.of(key), options);
                open.push(seed);
                Thread thread = new Thread(seed::join, "espalier-demo-" + name);
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    /** Asks, signs by two, and commits. */
    MultisigCommit.Result release() throws IOException {
        MultisigRequest.Options asked =
                new MultisigRequest.Options(null, false, false, false, PATIENT, NetworkOptions.none());
        SigningRequest request = SigningRequest.parse(
                releases.multisigRequest(config, asked).join().request());
        List<SigningResponse> responses = new ArrayList<>();
        for (String name : SIGNERS.subList(0, 2)) {
            byte[] password = PASSWORD.getBytes(StandardCharsets.UTF_8);
            try (SecretKey key = keys.secret(name).unlock(password)) {
                responses.add(SigningResponse.sign(request, key));
            }
        }
        return releases.multisigCommit(
                        config,
                        request,
                        responses,
                        MultisigCommit.Options.of(NetworkOptions.none()).withRule(PATIENT))
                .join();
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new EspalierException("ERR_INTERNAL_ERROR", "The demo's seeders did not end.", e);
            }
        }
    }
}
