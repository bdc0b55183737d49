package dev.espalier.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.espalier.drive.Drive;
import dev.espalier.drive.JsonText;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import dev.espalier.release.ByteDiff;
import dev.espalier.release.Link;
import dev.espalier.release.NetworkOptions;
import dev.espalier.release.Operation;
import dev.espalier.release.Provision;
import dev.espalier.release.Releases;
import dev.espalier.release.Stage;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of a release, done here and with the JavaScript packages: the same lines, the same trees after each. */
@RequiresNode
class ReleaseInteropTest {

    @TempDir
    Path temp;

    private Path app;
    private LogStore store;
    private Releases releases;
    private NodePeer peer;

    @BeforeEach
    void open() throws Exception {
        app = SampleTree.write(temp.resolve("app"));
        version("1.0.0");
        store = LogStore.open(temp.resolve("ours"));
        releases = Releases.of(store);
        peer = NodePeers.start(
                "release-peer.mjs", "--storage", temp.resolve("theirs").toString(), "--listen", "0");
    }

    @AfterEach
    void close() {
        peer.close();
        store.close();
    }

    private void version(String version) throws Exception {
        Files.writeString(app.resolve("package.json"), "{\"name\":\"hello\",\"version\":\"" + version + "\"}\n");
    }

    /** The same drive on both sides, under other keys. */
    private record Pair(Link ours, String theirs) {

        Key key() {
            return ours.requireDrive().key();
        }
    }

    private Pair touch() {
        try (var touch = releases.touch()) {
            return new Pair(touch.join().link(), ask("touch").get("key").getAsString());
        }
    }

    private JsonObject ask(String command, Object... members) {
        JsonObject json = new JsonObject();
        json.addProperty("cmd", command);
        for (int i = 0; i < members.length; i += 2) {
            if (members[i + 1] instanceof Long number) {
                json.addProperty((String) members[i], number);
            } else if (members[i + 1] instanceof Boolean truth) {
                json.addProperty((String) members[i], truth);
            } else if (members[i + 1] instanceof JsonElement element) {
                json.add((String) members[i], element);
            } else {
                json.addProperty((String) members[i], members[i + 1].toString());
            }
        }
        return peer.request(json);
    }

    private static List<String> diff(JsonObject reply) {
        List<String> lines = new ArrayList<>();
        for (JsonElement element : reply.getAsJsonArray("diff")) {
            JsonObject one = element.getAsJsonObject();
            String key = one.get("key").getAsString();
            long removed = one.get("removed").getAsLong();
            long added = one.get("added").getAsLong();
            ByteDiff line = switch (one.get("op").getAsString()) {
                case "add" -> ByteDiff.added(key, added);
                case "change" -> ByteDiff.changed(key, removed, added);
                default -> ByteDiff.removed(key, removed);
            };
            lines.add(line.toString());
        }
        return lines;
    }

    private static <R> List<String> run(Operation<R> operation) {
        List<String> lines = new ArrayList<>();
        try (operation) {
            operation.onEvent(event -> {
                if (event instanceof ByteDiff line) {
                    lines.add(line.toString());
                }
            });
            operation.join();
        }
        return lines;
    }

    private List<String> stage(Pair drive) {
        List<String> lines = run(releases.stage(drive.ours(), Stage.Options.of(app)));
        assertThat(lines).isEqualTo(diff(ask("stage", "drive", drive.theirs(), "dir", app)));
        assertSame(drive);
        return lines;
    }

    private long length(Pair drive) {
        try (Drive here = Drive.open(store, drive.key())) {
            return here.version();
        }
    }

    private List<String> provision(Pair source, Pair target, Pair production, boolean bootstrap) {
        long length = length(source);
        Link staged = Link.of(source.key(), 0, length);
        Link out = Link.of(production.key(), 0, bootstrap ? 0 : length(production));
        List<String> lines = run(releases.provision(
                new Provision.Links(staged, target.ours(), out),
                new Provision.Options(false, Duration.ZERO, NetworkOptions.none())));
        JsonObject reply = ask(
                "provision",
                "source",
                source.theirs(),
                "length",
                length,
                "target",
                target.theirs(),
                "production",
                production.theirs());
        assertThat(lines).isEqualTo(diff(reply));
        assertSame(target);
        return lines;
    }

    private void assertSame(Pair drive) {
        JsonObject theirs = ask("state", "drive", drive.theirs());
        try (Drive ours = Drive.open(store, drive.key())) {
            assertSame(ours.db(), theirs.getAsJsonObject("db"));
            assertSame(ours.blobs(), theirs.getAsJsonObject("blobs"));
        }
    }

    private static void assertSame(Log ours, JsonObject theirs) {
        assertThat(ours.length()).isEqualTo(theirs.get("length").getAsLong());
        assertThat(ours.fork()).isEqualTo(theirs.get("fork").getAsLong());
        assertThat(ours.treeHash()).hasToString(theirs.get("treeHash").getAsString());
    }

    @Test
    void eachStepOfAReleaseEndsWithTheTreesOfJavaScript() throws Exception {
        Pair source = touch();
        Pair target = touch();
        assertThat(stage(source)).isNotEmpty();
        SampleTree.change(app);
        version("1.0.1");
        assertThat(stage(source)).isNotEmpty();
        assertThat(stage(source)).isEmpty();

        assertThat(provision(source, target, target, true)).isNotEmpty();
        assertThat(provision(source, target, target, true)).isEmpty();
        assertThat(length(target)).isLessThan(length(source));

        field(source, "metadata", "{\"b\":[1,2.5],\"a\":\"\\u00e9\"}");
        version("1.0.2");
        Files.writeString(app.resolve("only in 1.0.2"), "new\n");
        stage(source);
        provision(source, target, target, true);

        // What was a target is production now.
        Pair next = touch();
        Files.delete(app.resolve("only in 1.0.2"));
        version("1.1.0");
        stage(source);
        assertThat(provision(source, next, target, false)).contains("- /only in 1.0.2 (-4B)");
        version("1.2.0");
        stage(source);
        provision(source, next, target, false);
        Pair rebuilt = touch();
        assertThat(provision(target, rebuilt, target, false)).isEmpty();
    }

    private void field(Pair drive, String field, String json) {
        try (Drive ours = Drive.open(store, drive.key())) {
            ours.btree()
                    .put(
                            field.getBytes(StandardCharsets.UTF_8),
                            JsonText.of(json).text().getBytes(StandardCharsets.UTF_8));
        }
        ask("put", "drive", drive.theirs(), "field", field, "value", JsonParser.parseString(json));
        assertSame(drive);
    }

    /** As Pear stages: chunks by content, and maps of them. */
    @Test
    void whatJavaScriptStagedWithMapsIsProvisionedToTheSameTrees() throws Exception {
        Path small = Files.createDirectories(temp.resolve("small"));
        Random random = new Random(3);
        byte[] bytes = new byte[310_000];
        String staged = ask("touch").get("key").getAsString();
        for (int i = 0; i < 3; i++) {
            random.nextBytes(bytes);
            Files.write(small.resolve("app.bin"), bytes);
            Files.writeString(small.resolve("package.json"), "{\"version\":\"1.0." + i + "\"}");
            ask("stage", "drive", staged, "dir", small, "dedup", true);
        }
        JsonObject state = ask("state", "drive", staged);
        assertThat(state.getAsJsonObject("blobs").get("length").getAsLong()).isEqualTo(12);
        long length = state.getAsJsonObject("db").get("length").getAsLong();
        assertThat(length).isEqualTo(7);

        Pair target = touch();
        Link from = Link.of(Key.parse(staged), 0, length);
        Link none = Link.of(target.key(), 0, 0);
        NetworkOptions network = NetworkOptions.connect(new InetSocketAddress("127.0.0.1", peer.awaitPort()));
        List<String> lines = run(releases.provision(
                new Provision.Links(from, target.ours(), none), new Provision.Options(false, Duration.ZERO, network)));
        JsonObject reply = ask(
                "provision",
                "source",
                staged,
                "length",
                length,
                "target",
                target.theirs(),
                "production",
                target.theirs());

        assertThat(lines).isEqualTo(diff(reply)).hasSize(2);
        assertSame(target);
        try (Drive drive = Drive.open(store, target.key())) {
            assertThat(drive.db().length()).isEqualTo(3);
            assertThat(drive.blobs().length()).isEqualTo(2);
        }
    }
}
