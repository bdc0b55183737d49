package dev.espalier.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.espalier.drive.Drive;
import dev.espalier.drive.Entry;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.release.Dump;
import dev.espalier.release.Link;
import dev.espalier.release.MultisigCommit;
import dev.espalier.release.MultisigRequest;
import dev.espalier.release.NetworkOptions;
import dev.espalier.release.Operation;
import dev.espalier.release.PeerEvents;
import dev.espalier.release.Provision;
import dev.espalier.release.Releases;
import dev.espalier.release.Seed;
import dev.espalier.release.SeedingRule;
import dev.espalier.release.Stage;
import dev.espalier.release.multisig.KeyCost;
import dev.espalier.release.multisig.KeyFile;
import dev.espalier.release.multisig.MultisigConfig;
import dev.espalier.release.multisig.SecretKey;
import dev.espalier.release.multisig.SigningRequest;
import dev.espalier.release.multisig.SigningResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A team of which one member uses hyper-multisig and hypercore-sign, over three releases of one production. */
@RequiresNode
@Timeout(300)
class MultisigInteropTest {

    private static final String PASSWORD = "pässwörd 🔑";
    private static final SeedingRule PATIENT = new SeedingRule(2, Duration.ofSeconds(60));

    @TempDir
    Path temp;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<InetSocketAddress> seeders = new ArrayList<>();
    private LogStore builder;
    private Link staged;
    private Link provision;
    private MultisigConfig config;
    private SecretKey java;
    private String javaScriptKey;
    private JsonObject oldKey;

    @BeforeEach
    void meet() throws IOException {
        builder = store("builder");
        staged = Releases.of(builder).touch().join().link();
        provision = Releases.of(builder).touch().join().link();
        java = keep(SecretKey.random());
        SecretKey javaScript = keep(SecretKey.random());
        javaScriptKey = new String(
                KeyFile.lock(javaScript, PASSWORD.getBytes(StandardCharsets.UTF_8), new KeyCost(524_288, 16_777_216))
                        .content(KeyFile.Encoding.TEXT),
                StandardCharsets.US_ASCII);
        oldKey = oldKey();
        config = new MultisigConfig(
                true,
                List.of(
                        java.publicKey(),
                        javaScript.publicKey(),
                        Key.parse(oldKey.get("publicFileZ32").getAsString())),
                "orchard/café",
                2,
                key(provision));
    }

    @AfterEach
    void part() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    /** A key file that JavaScript made, of the version that hypercore-sign 3.0 reads. */
    private static JsonObject oldKey() throws IOException {
        String vectors = Files.readString(Path.of("../release/src/test/resources/vectors/release.json"));
        for (JsonElement file :
                JsonParser.parseString(vectors).getAsJsonObject().getAsJsonArray("keyFiles")) {
            if (file.getAsJsonObject().get("name").getAsString().equals("v0-fast")) {
                return file.getAsJsonObject();
            }
        }
        throw new AssertionError("no such key file");
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.push(resource);
        return resource;
    }

    private LogStore store(String name) {
        return keep(LogStore.open(temp.resolve(name)));
    }

    private static Key key(Link link) {
        return link.requireDrive().key();
    }

    private Link production() {
        return Link.of(config.key());
    }

    /** Seeds until the test ends; returns where. */
    private InetSocketAddress seed(LogStore store, Link link, InetSocketAddress... peers) {
        NetworkOptions network = new NetworkOptions(
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                List.of(peers),
                NetworkOptions.DEFAULT_TIMEOUT);
        CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();
        Operation<Seed.Result> seeding = keep(Releases.of(store).seed(link, Seed.Options.of(network)));
        seeding.onEvent(event -> {
            if (event instanceof PeerEvents.Listening at) {
                listening.complete(new InetSocketAddress(at.host(), at.port()));
            }
        });
        new Thread(seeding::join, "seeder").start();
        return listening.join();
    }

    private void build(String version) throws IOException {
        Path app = Files.createDirectories(temp.resolve("app"));
        Files.writeString(app.resolve("package.json"), "{\"name\":\"hello\",\"version\":\"" + version + "\"}");
        Files.writeString(app.resolve("index.html"), "<h1>" + version + "</h1>");
        Files.write(app.resolve("film " + version), new byte[200_000]);
        Releases releases = Releases.of(builder);
        Link from = releases.stage(staged, Stage.Options.of(app)).join().verlink();
        long out;
        try (Drive drive = Drive.open(builder, config.key())) {
            out = drive.db().length();
        }
        Provision.Links links = new Provision.Links(from, provision, Link.of(config.key(), 0, out));
        releases.provision(links, new Provision.Options(false, Duration.ZERO, NetworkOptions.none()))
                .join();
    }

    private void seedAll() {
        InetSocketAddress source = seed(builder, provision);
        for (String name : List.of("ann", "bob")) {
            LogStore store = store(name);
            seeders.add(seed(store, provision, source));
            seed(store, production());
        }
    }

    private NetworkOptions network() {
        return NetworkOptions.connect(seeders.toArray(InetSocketAddress[]::new));
    }

    private NodePeer javaScript(String name) {
        List<String> arguments =
                new ArrayList<>(List.of("--storage", temp.resolve(name).toString()));
        for (InetSocketAddress seeder : seeders) {
            arguments.addAll(List.of("--connect", "127.0.0.1:" + seeder.getPort()));
        }
        return keep(NodePeers.start("multisig-peer.mjs", arguments.toArray(String[]::new)));
    }

    private JsonObject command(String name) {
        JsonObject command = new JsonObject();
        command.addProperty("cmd", name);
        JsonObject team = new JsonObject();
        JsonArray keys = new JsonArray();
        config.publicKeys().forEach(publicKey -> keys.add(publicKey.toString()));
        team.add("publicKeys", keys);
        team.addProperty("namespace", config.namespace());
        team.addProperty("quorum", config.quorum());
        command.add("config", team);
        command.addProperty("source", String.valueOf(config.source()));
        return command;
    }

    private SigningRequest requestHere(boolean legacy) {
        return SigningRequest.parse(Releases.of(builder)
                .multisigRequest(
                        config, new MultisigRequest.Options(null, false, false, legacy, PATIENT, NetworkOptions.none()))
                .join()
                .request());
    }

    private SigningRequest requestThere(NodePeer peer, boolean legacy) {
        JsonObject command = command("request");
        try (Drive drive = Drive.open(builder, key(provision))) {
            command.addProperty("length", drive.db().length());
        }
        command.addProperty("legacy", legacy);
        return SigningRequest.parse(peer.request(command).get("request").getAsString());
    }

    private SigningResponse signHere(SigningRequest request) {
        return SigningResponse.sign(request, java);
    }

    private SigningResponse signThere(NodePeer peer, SigningRequest request) {
        JsonObject command = command("sign");
        command.addProperty("request", request.toString());
        command.addProperty("key", javaScriptKey);
        command.addProperty("password", PASSWORD);
        return SigningResponse.parse(peer.request(command).get("response").getAsString());
    }

    private SigningResponse signWithHypercoreSign(NodePeer peer, SigningRequest request) {
        JsonObject command = command("sign-old");
        command.addProperty("request", request.toString());
        command.addProperty("key", oldKey.get("secretFileZ32").getAsString());
        command.addProperty("publicKey", oldKey.get("publicFileZ32").getAsString());
        command.addProperty("password", oldKey.get("password").getAsString());
        return SigningResponse.parse(peer.request(command).get("response").getAsString());
    }

    private void commitHere(String name, SigningRequest request, SigningResponse... responses) {
        MultisigCommit.Options options = MultisigCommit.Options.of(network()).withRule(PATIENT);
        MultisigCommit.Result done = Releases.of(store(name))
                .multisigCommit(config, request, List.of(responses), options)
                .join();
        assertThat(done.result().db().destCore().length())
                .isEqualTo(request.head().length());
    }

    private JsonObject commitThere(
            NodePeer peer, String how, boolean first, SigningRequest request, SigningResponse... responses) {
        JsonObject command = command(how);
        command.addProperty("request", request.toString());
        JsonArray texts = new JsonArray();
        for (SigningResponse response : responses) {
            texts.add(response.toString());
        }
        command.add("responses", texts);
        command.addProperty("first", first);
        return peer.request(command);
    }

    /** What a reader of either kind gets of production is the provision link, byte for byte. */
    private void assertProduction(NodePeer reader) throws IOException {
        JsonObject command = command("read");
        command.addProperty("key", config.key().toString());
        try (Drive source = Drive.open(builder, key(provision))) {
            command.addProperty("length", source.db().length());
            JsonObject read = reader.request(command);
            assertThat(read.get("length").getAsLong()).isEqualTo(source.db().length());
            assertThat(read.get("treeHash").getAsString())
                    .isEqualTo(source.db().treeHash().toString());
            assertThat(read.get("blobsTreeHash").getAsString())
                    .isEqualTo(source.blobs().treeHash().toString());
            TreeMap<String, String> files = new TreeMap<>();
            for (Entry entry : source.list("/")) {
                files.put(entry.path(), Hash.digest(source.get(entry.path())).toString());
            }
            TreeMap<String, String> theirs = new TreeMap<>();
            read.getAsJsonObject("files")
                    .entrySet()
                    .forEach(file -> theirs.put(file.getKey(), file.getValue().getAsString()));
            assertThat(theirs).isEqualTo(files);
        }
        // The builder learns it, too, to provision the next release upon it.
        Dump.Options all =
                new Dump.Options(temp.resolve("learned"), true, null, List.of(), true, false, true, network());
        Releases.of(builder).dump(production(), all).join();
    }

    @Test
    void threeReleasesWithRolesMixed() throws IOException {
        build("1.0.0");
        seedAll();
        NodePeer member = javaScript("member");
        NodePeer reader = javaScript("reader");

        // Asked for here, signed by one of each, committed there.
        SigningRequest first = requestHere(false);
        SigningResponse[] answers = {signHere(first), signThere(member, first)};
        assertThat(commitThere(member, "verify", true, first, answers)
                        .get("quorum")
                        .getAsInt())
                .isEqualTo(2);
        JsonObject done = commitThere(member, "commit", true, first, answers);
        assertThat(done.get("key").getAsString()).isEqualTo(config.key().toString());
        assertThat(done.get("treeHash").getAsString())
                .isEqualTo(first.head().treeHash().toString());
        assertProduction(reader);

        // Asked for there, signed by hypercore-sign 3.0 and here, committed here.
        build("1.1.0");
        SigningRequest second = requestThere(member, true);
        assertThat(second.version()).isEqualTo(SigningRequest.LEGACY_VERSION);
        assertThat(second).isEqualTo(requestHere(true));
        commitHere("carol", second, signWithHypercoreSign(member, second), signHere(second));
        assertProduction(reader);

        // Asked for there in the newest version, signed by all three, committed there.
        build("1.2.0");
        SigningRequest third = requestThere(member, false);
        assertThat(third).isEqualTo(requestHere(false));
        SigningRequest old = requestHere(true);
        assertThat(signWithHypercoreSign(member, old).publicKey())
                .isEqualTo(config.publicKeys().get(2));
        commitThere(member, "commit", false, third, signThere(member, third), signHere(third));
        assertProduction(reader);
    }
}
