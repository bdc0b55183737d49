package dev.espalier.drive;

import static dev.espalier.drive.Stores.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody who knows nothing but the key reads through a peer. */
class DriveReaderTest {

    private static final byte[] BIG = Vectors.bytes(5, 20 * BlobId.BLOCK_SIZE + 7);

    @TempDir
    Path temp;

    private LogStore home;
    private Drive drive;
    private LogStore away;
    private Drive reader;
    private NeighbourSource peer;

    @BeforeEach
    void open() {
        home = LogStore.open(temp.resolve("home"));
        drive = Drive.open(home, "site");
        away = LogStore.open(temp.resolve("away"));
        peer = new NeighbourSource(home);
        away.source(peer);
        reader = Drive.open(away, drive.key());
    }

    @AfterEach
    void close() {
        reader.close();
        away.close();
        drive.close();
        home.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void theFirstReadLearnsTheVersionAndWhereTheBytesAre() {
        drive.put("/a", utf8("x")).put("/big", BIG);
        assertThat(reader.version()).isZero();
        assertThat(reader.contentKey()).isEmpty();
        assertThat(reader.get("/a")).asString().isEqualTo("x");
        assertThat(reader.version()).isEqualTo(3);
        assertThat(reader.contentKey()).isEqualTo(drive.contentKey());
        assertThat(reader.has("/a")).isTrue();
        assertThat(reader.has("/big")).isFalse();
        assertThat(reader.blobs().presentCount()).isEqualTo(1);
        assertThat(reader.get("/big")).isEqualTo(BIG);
    }

    @Test
    void anUpdateBringsTheNewestVersion() {
        drive.put("/a", utf8("1"));
        assertThat(reader.update(Duration.ofSeconds(10))).isTrue();
        assertThat(reader.update(Duration.ofSeconds(10))).isFalse();
        drive.put("/a", utf8("2")).put("/b", utf8("b"));
        assertThat(reader.get("/a")).asString().isEqualTo("1");
        assertThat(paths(reader.checkout(4).list("/"))).containsExactly("/a", "/b");
        assertThat(reader.update(Duration.ofSeconds(10))).isFalse();
        assertThat(reader.version()).isEqualTo(4);
        assertThat(reader.get("/a")).asString().isEqualTo("2");
        assertThat(reader.diff(2)).extracting(Drive.Change::path).containsExactly("/a", "/b");
        assertThat(reader.blobsLength(2)).isEqualTo(1);
    }

    @Test
    void aRangeFetchesItsOwnBlocksOnly() throws Exception {
        drive.put("/first", utf8("x")).put("/big", BIG);
        reader.blockTimeout(Duration.ofSeconds(30));
        int start = 15 * BlobId.BLOCK_SIZE - 2;
        try (InputStream in = reader.newInputStream("/big", start, 4)) {
            assertThat(in.readNBytes(2)).isEqualTo(java.util.Arrays.copyOfRange(BIG, start, start + 2));
        }
        reader.blockTimeout(Duration.ZERO);
        assertThatThrownBy(() -> reader.get("/first")).hasMessageContaining("Block 0 of log");
    }

    @Test
    void nothingIsAskedForWithoutPatience() {
        drive.put("/a", utf8("x"));
        reader.update(Duration.ofSeconds(10));
        reader.blockTimeout(Duration.ZERO);
        long before = peer.blocks();
        assertThatThrownBy(() -> reader.get("/a")).hasMessageContaining("Block 1 of log " + drive.key());
        assertThat(peer.blocks()).isEqualTo(before);
    }

    @Test
    void oneReadMayWaitLessThanTheOthers() {
        drive.put("/a", utf8("x")).put("/b", BIG);
        assertThatThrownBy(() -> reader.within(Duration.ZERO)).hasMessageContaining("Nothing of drive");
        reader.update(Duration.ofSeconds(30));
        DriveCheckout impatient = reader.within(Duration.ZERO);
        assertThatThrownBy(() -> impatient.get("/a")).hasMessageContaining("of log " + drive.key());
        assertThat(reader.get("/a")).asString().isEqualTo("x");
        assertThat(impatient.get("/a")).asString().isEqualTo("x");
        assertThatThrownBy(() -> impatient.get("/b"))
                .hasMessageContaining("Block 1 of log " + reader.blobs().key());
        assertThat(impatient.within(Duration.ofSeconds(30)).get("/b")).isEqualTo(BIG);
    }

    @Test
    void aDownloadFetchesAFolder() throws Exception {
        drive.put("/dir/a", BIG).put("/dir/b", utf8("b")).put("/else", BIG);
        try (Download download = reader.download("/dir")) {
            download.done().get(60, TimeUnit.SECONDS);
            assertThat(download.totalBlocks()).isEqualTo(22);
            assertThat(download.heldBlocks()).isEqualTo(22);
        }
        assertThat(reader.has("/dir")).isTrue();
        assertThat(reader.has("/else")).isFalse();
        assertThat(reader.has("/dir/")).isTrue();
    }

    @Test
    void aDownloadOfADifferenceFetchesWhatIsNew() throws Exception {
        drive.put("/dir/same", BIG).put("/dir/gone", BIG).put("/dir/changed", utf8("1"));
        long before = drive.version();
        drive.delete("/dir/gone").put("/dir/changed", utf8("2")).put("/dir/new", utf8("n"));
        drive.put("/other", BIG);
        reader.update(Duration.ofSeconds(30));
        try (Download download = reader.downloadDiff(before, "/dir")) {
            download.done().get(60, TimeUnit.SECONDS);
            assertThat(download.files()).isEqualTo(2);
            assertThat(download.totalBlocks()).isEqualTo(2);
        }
        assertThat(reader.has("/dir/changed")).isTrue();
        assertThat(reader.has("/dir/new")).isTrue();
        assertThat(reader.has("/dir/same")).isFalse();
        assertThat(reader.has("/other")).isFalse();
        try (Download download = reader.checkout(before).downloadDiff(3, "/")) {
            download.done().get(60, TimeUnit.SECONDS);
        }
        assertThat(reader.blobs().presentCount()).isEqualTo(3);
    }

    @Test
    void whatWasClearedCanBeFetchedAgain() {
        drive.put("/a", BIG).put("/b", utf8("b")).symlink("/l", "b");
        reader.update(Duration.ofSeconds(30));
        assertThatThrownBy(() -> reader.clear("/a")).hasMessageContaining("of log " + drive.key());
        assertThat(reader.get("/a")).isEqualTo(BIG);
        assertThat(reader.get("/b")).asString().isEqualTo("b");
        long held = reader.blobs().presentCount();
        assertThat(reader.clear("/l")).isZero();
        assertThat(reader.clear("/nothing")).isZero();
        assertThat(reader.checkout(3).clear("/a")).isEqualTo(held - 1);
        assertThat(reader.clear("/a")).isZero();
        assertThat(reader.has("/a")).isFalse();
        assertThat(reader.has("/b")).isTrue();
        assertThat(reader.get("/a")).isEqualTo(BIG);
        assertThat(reader.clearAll()).isEqualTo(held);
        assertThat(reader.blobs().presentCount()).isZero();
        assertThat(reader.get("/b")).asString().isEqualTo("b");
    }

    @Test
    void aPurgedDriveIsGoneAndCanBeFetchedAnew() {
        drive.put("/a", BIG);
        assertThat(reader.get("/a")).isEqualTo(BIG);
        dev.espalier.merkle.Key content = reader.blobs().key();
        reader.purge();
        assertThat(away.contains(drive.key())).isFalse();
        assertThat(away.contains(content)).isFalse();
        assertThat(away.purge(content)).isFalse();
        reader = Drive.open(away, drive.key());
        assertThat(reader.version()).isZero();
        assertThat(reader.get("/a")).isEqualTo(BIG);
    }

    @Test
    void aMirrorBringsAllOfADriveFarAway() {
        for (int i = 0; i < 300; i++) {
            drive.put("/d" + i % 5 + "/" + i, utf8("file " + i));
        }
        drive.put("/big", BIG).symlink("/link", "big");
        LocalFolder out = LocalFolder.of(temp.resolve("out")).durable(false);
        MirrorResult result = Mirror.from(reader).to(out).run();
        assertThat(result.added()).isEqualTo(302);
        assertThat(paths(out.list("/"))).isEqualTo(paths(drive.list("/")));
        assertThat(out.get("/big")).isEqualTo(BIG);
        assertThat(out.get("/d3/128")).asString().isEqualTo("file 128");
        drive.delete("/d3/128");
        reader.update(Duration.ofSeconds(10));
        List<String> told = new java.util.ArrayList<>();
        Mirror.from(reader).to(out).run(op -> told.add(op.type() + " " + op.path()));
        assertThat(told).containsExactly("REMOVE /d3/128");
    }

    @Test
    void aLogThatIsNoDriveOpensAndSaysSoWhenRead() {
        try (Log log = home.log("no drive")) {
            log.append(utf8("anything"));
            log.append(utf8("more"));
            for (int round = 0; round < 2; round++) {
                try (Drive far = Drive.open(away, log.key())) {
                    assertThatThrownBy(() -> far.get("/a")).hasMessageContaining("Block 1 of the tree");
                    assertThatThrownBy(far::blobs).hasMessageContaining("not the header of a B-tree");
                }
            }
        }
    }

    @Test
    void aDriveCopiedBlockByBlockHasItsOwnBlobsKey() {
        drive.put("/a", utf8("x"));
        try (Drive copy = Drive.open(home, "copy")) {
            for (long i = 0; i < drive.db().length(); i++) {
                copy.db().append(drive.db().get(i));
            }
            copy.blobs().append(drive.blobs().get(0));
            assertThat(copy.get("/a")).asString().isEqualTo("x");
            assertThat(copy.contentKey()).isNotEqualTo(drive.contentKey());
            try (Drive far = Drive.open(away, copy.key())) {
                assertThat(far.get("/a")).asString().isEqualTo("x");
                assertThat(far.contentKey()).isEqualTo(copy.contentKey());
            }
        }
    }
}
