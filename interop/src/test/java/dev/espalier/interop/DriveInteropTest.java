package dev.espalier.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.espalier.drive.Drive;
import dev.espalier.drive.LocalFolder;
import dev.espalier.drive.Mirror;
import dev.espalier.log.LogStore;
import dev.espalier.log.StoreOptions;
import dev.espalier.merkle.Blake2b;
import dev.espalier.merkle.Key;
import dev.espalier.replicate.Replication;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drives that cross between this library and hyperdrive, over TCP and by rebuilding them from the same folder. */
@RequiresNode
class DriveInteropTest {

    private static final String PEER = "drive-peer.mjs";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path temp;

    private Path source;

    @BeforeEach
    void writeTheSample() throws Exception {
        source = SampleTree.write(temp.resolve("source"));
    }

    @Test
    void javaScriptMirrorsADriveServedFromHere() {
        try (LogStore store = LogStore.open(temp.resolve("ours"));
                Drive drive = Drive.open(store, "site");
                Replication server = listen(store)) {
            mirror(LocalFolder.of(source), drive);

            try (NodePeer peer = reader(drive.key(), server, "--exit")) {
                JsonObject summary = peer.await("summary");

                assertSame(summary, drive);
                assertThat(summary.get("localListingSha256").getAsString()).isEqualTo(Listing.sha256(drive));
                assertThat(peer.awaitExit()).isZero();
            }
            assertThat(Listing.of(LocalFolder.of(temp.resolve("theirs-out")))).isEqualTo(listing(source));
        }
    }

    @Test
    void javaScriptFollowsWhatIsStagedLater() throws Exception {
        try (LogStore store = LogStore.open(temp.resolve("ours"));
                Drive drive = Drive.open(store, "site");
                Replication server = listen(store)) {
            mirror(LocalFolder.of(source), drive);
            try (NodePeer peer = reader(drive.key(), server, "--live")) {
                assertSame(peer.await("summary"), drive);

                SampleTree.change(source);
                mirror(LocalFolder.of(source), drive);
                long version = drive.version();

                assertSame(peer.await("summary", s -> s.get("version").getAsLong() == version), drive);
            }
            assertThat(Listing.of(LocalFolder.of(temp.resolve("theirs-out")))).isEqualTo(listing(source));
        }
    }

    @Test
    void aDriveWrittenByJavaScriptIsMirroredHereAndFollowed() {
        try (NodePeer peer = NodePeers.start(
                        PEER,
                        "--storage",
                        temp.resolve("theirs").toString(),
                        "--mirror-from",
                        source.toString(),
                        "--listen",
                        "0",
                        "--live");
                LogStore store = LogStore.open(temp.resolve("ours"))) {
            int port = peer.awaitPort();
            JsonObject summary = peer.await("summary");
            Key key = Key.parse(summary.get("key").getAsString());
            try (Replication client = Replication.connect(store, new InetSocketAddress("127.0.0.1", port));
                    Drive drive = Drive.open(store, key)) {
                assertThat(client.address().getPort()).isEqualTo(port);
                awaitVersion(drive, summary.get("version").getAsLong());
                assertSame(summary, drive);
                mirror(drive, LocalFolder.of(temp.resolve("out")));
                assertThat(listing(temp.resolve("out"))).isEqualTo(listing(source));

                JsonObject put = command("put");
                put.addProperty("path", "/later.txt");
                put.addProperty("text", "came later");
                long version = peer.request(put).get("version").getAsLong();

                awaitVersion(drive, version);
                assertThat(drive.get("/later.txt")).isEqualTo("came later".getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void theSameFolderAndKeyGiveTheSameDriveBlockForBlock() {
        byte[] primaryKey = new byte[32];
        Arrays.fill(primaryKey, (byte) 0x51);
        try (LogStore store = LogStore.open(
                        temp.resolve("ours"), StoreOptions.defaults().withPrimaryKey(primaryKey));
                Drive drive = Drive.open(store, "same");
                NodePeer peer = NodePeers.start(
                        PEER,
                        "--storage",
                        temp.resolve("theirs").toString(),
                        "--mirror-from",
                        source.toString(),
                        "--primary-key",
                        HexFormat.of().formatHex(primaryKey),
                        "--namespace",
                        "same",
                        "--exit")) {
            // The peer puts one entry after the other, so this side must not batch either.
            Mirror.from(LocalFolder.of(source)).to(drive).batch(false).run();

            JsonObject summary = peer.await("summary");
            assertThat(summary.get("key").getAsString()).isEqualTo(drive.key().hex());
            assertSame(summary, drive);
        }
    }

    @Test
    void contentDefinedChunksAndMapsAreTheSameBlockForBlock() throws Exception {
        byte[] primaryKey = new byte[32];
        Arrays.fill(primaryKey, (byte) 0x52);
        byte[] large = SampleTree.random(4_000_000);
        Path file = source.resolve("large.bin");
        Files.write(source.resolve("twice.bin"), twice(large));
        try (LogStore store = LogStore.open(
                        temp.resolve("ours"), StoreOptions.defaults().withPrimaryKey(primaryKey));
                Drive drive = Drive.open(store, "same");
                NodePeer peer = NodePeers.start(
                        PEER,
                        "--storage",
                        temp.resolve("theirs").toString(),
                        "--write",
                        "--dedup",
                        "--primary-key",
                        HexFormat.of().formatHex(primaryKey),
                        "--namespace",
                        "same",
                        "--listen",
                        "0")) {
            for (int round = 0; round < 3; round++) {
                switch (round) {
                    case 1 -> Files.write(file, inserted(SampleTree.random(5_000_000), 3_000_000));
                    case 2 -> Files.write(file, large);
                    default -> peer.awaitPort();
                }
                JsonObject copy = command("mirror-from");
                copy.addProperty("dir", source.toString());
                peer.request(copy);
                Mirror.from(LocalFolder.of(source))
                        .to(drive)
                        .batch(false)
                        .dedup(true)
                        .run();

                JsonObject summary = peer.request(command("summary")).getAsJsonObject("summary");
                assertSame(summary, drive);
                assertThat(summary.get("blobsLength").getAsLong())
                        .isEqualTo(drive.blobs().length());
                for (long i = 0; i < drive.blobs().length(); i++) {
                    JsonObject block = command("block");
                    block.addProperty("core", "blobs");
                    block.addProperty("index", i);
                    assertThat(Blake2b.hash(HexFormat.of()
                                    .parseHex(peer.request(block).get("hex").getAsString())))
                            .as("block %d of round %d", i, round)
                            .isEqualTo(Blake2b.hash(drive.blobs().get(i)));
                }
            }
        }
    }

    private static byte[] twice(byte[] bytes) {
        byte[] both = Arrays.copyOf(bytes, 2 * bytes.length);
        System.arraycopy(bytes, 0, both, bytes.length, bytes.length);
        return both;
    }

    private static byte[] inserted(byte[] bytes, int at) {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
        return longer;
    }

    private NodePeer reader(Key key, Replication server, String mode) {
        return NodePeers.start(
                PEER,
                "--storage",
                temp.resolve("theirs").toString(),
                "--key",
                key.hex(),
                "--connect",
                Integer.toString(server.address().getPort()),
                "--mirror-to",
                temp.resolve("theirs-out").toString(),
                "--min-version",
                "2",
                mode);
    }

    private static Replication listen(LogStore store) {
        return Replication.listen(store, new InetSocketAddress("127.0.0.1", 0));
    }

    private static void mirror(dev.espalier.drive.FileTree from, dev.espalier.drive.WritableTree to) {
        Mirror.from(from).to(to).run();
    }

    private static void awaitVersion(Drive drive, long version) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (drive.version() < version) {
            assertThat(System.nanoTime())
                    .as("version %d of %d in time", drive.version(), version)
                    .isLessThan(deadline);
            drive.update(Duration.ofSeconds(1));
        }
    }

    private static void assertSame(JsonObject summary, Drive drive) {
        assertThat(summary.get("version").getAsLong()).isEqualTo(drive.version());
        assertThat(summary.get("treeHash").getAsString())
                .isEqualTo(drive.db().treeHash().toString());
        assertThat(summary.get("contentKey").getAsString())
                .isEqualTo(drive.blobs().key().hex());
        assertThat(summary.get("listingSha256").getAsString()).isEqualTo(Listing.sha256(drive));
    }

    private static String listing(Path folder) {
        return Listing.of(LocalFolder.of(folder));
    }

    private static JsonObject command(String name) {
        JsonObject command = new JsonObject();
        command.addProperty("cmd", name);
        return command;
    }
}
