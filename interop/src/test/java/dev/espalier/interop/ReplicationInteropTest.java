package dev.espalier.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.espalier.log.Log;
import dev.espalier.log.LogListener;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.replicate.Replication;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs exchanged with the published JavaScript stack: both directions, both roles. */
@RequiresNode
@Timeout(120)
class ReplicationInteropTest extends ReplicationScenario {

    // ---- JavaScript writes, Java reads

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaReadsALogThatJavaScriptWroteAndFollowsIt(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair = pair(store, javaConnects, "--create", "300", "--seed", SEED, "--live")) {
            JsonObject ready = pair.peer().await("ready");
            try (Log copy = store.log(key(ready))) {
                until(() -> copy.length() == 300 || copy.update(LONG));
                assertThat(copy.length()).isEqualTo(300);
                assertThat(copy.treeHash()).hasToString(text(ready, "treeHash"));
                assertThat(copy.manifest()).isNotNull();
                join(copy.download(0, 300));
                assertSameChecksum(pair, copy);
                assertThat(pair.replication().traffic().blocks(copy.key()).blocksIn())
                        .isEqualTo(300);

                CompletableFuture<Void> following = copy.download(0, Long.MAX_VALUE);
                for (int i = 0; i < 5; i++) {
                    pair.peer().send("append 3");
                    JsonObject appended = pair.peer().await("appended");
                    until(() ->
                            copy.contiguousLength() == appended.get("length").getAsLong());
                    assertThat(copy.treeHash()).hasToString(text(appended, "treeHash"));
                }
                assertSameChecksum(pair, copy);
                assertThat(following).isNotDone();
                following.cancel(false);
                pair.assertPeace();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaReadsSingleBlocksAndRangesOnly(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair =
                        pair(store, javaConnects, "--create", "5000", "--block-size", "50", "--seed", SEED, "--live")) {
            JsonObject ready = pair.peer().await("ready");
            try (Log copy = store.log(key(ready))) {
                until(() -> copy.length() == 5000 || copy.update(LONG));
                assertThat(copy.get(4321)).isEqualTo(block(4321, 50));
                assertThat(copy.length()).isEqualTo(5000);
                assertThat(copy.get(7)).isEqualTo(block(7, 50));
                join(copy.download(1000, 1100));
                assertThat(copy.presentCount()).isEqualTo(102);
                assertThat(copy.has(1000, 1100)).isTrue();
                List<CompletableFuture<byte[]>> gets = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                    gets.add(copy.getAsync((i * 97L) % 5000));
                }
                for (int i = 0; i < 500; i++) {
                    assertThat(join(gets.get(i))).isEqualTo(block((i * 97L) % 5000, 50));
                }
                pair.peer().send("info");
                assertThat(pair.peer().await("info").get("uploaded").getAsLong())
                        .as("no block was asked for twice")
                        .isEqualTo(copy.presentCount());
                pair.assertPeace();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaAsksAPassivePeerThatOpensTheLogOnDemand(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair = pair(store, javaConnects, "--create", "40", "--seed", SEED, "--live", "--passive")) {
            JsonObject ready = pair.peer().await("ready");
            pair.peer().await("passive");
            try (Log copy = store.log(key(ready))) {
                until(() -> copy.length() == 40 || copy.update(LONG));
                join(copy.download(0, 40));
                assertThat(copy.treeHash()).hasToString(text(ready, "treeHash"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaLearnsOnlyTheManifestOfAnEmptyLogAndThenItsFirstBlocks(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair = pair(store, javaConnects, "--create", "0", "--seed", SEED, "--live")) {
            JsonObject ready = pair.peer().await("ready");
            try (Log copy = store.log(key(ready))) {
                assertThat(copy.update(LONG)).isFalse();
                until(() -> copy.manifest() != null);
                assertThat(HexFormat.of().formatHex(copy.manifest().encoded())).isEqualTo(text(ready, "manifest"));
                pair.peer().send("append 2");
                until(() -> copy.length() == 2);
                assertThat(copy.get(1)).isEqualTo(block(1, 1024));
                pair.assertPeace();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaReadsALogThatWasTruncatedBefore(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair = pair(store, javaConnects, "--create", "10", "--seed", SEED, "--live")) {
            JsonObject ready = pair.peer().await("ready");
            pair.peer().send("truncate 3");
            pair.peer().await("truncated");
            pair.peer().send("append 4");
            JsonObject appended = pair.peer().await("appended");
            try (Log copy = store.log(key(ready))) {
                until(() -> copy.length() == 7 || copy.update(LONG));
                assertThat(copy.fork()).isEqualTo(1);
                join(copy.download(0, 7));
                assertThat(copy.treeHash()).hasToString(text(appended, "treeHash"));
                assertSameChecksum(pair, copy);
                pair.assertPeace();
            }
        }
    }

    @Test
    void javaFindsOutWhatASparsePeerHas() {
        String key;
        try (Pair writer = pair(null, true, "--create", "300", "--seed", SEED, "--live")) {
            key = text(writer.peer().await("ready"), "key");
            try (NodePeer sparse = peer(
                    "sparse", "--connect", String.valueOf(writer.port()), "--key", key, "--range", "10-14", "--live")) {
                sparse.await("downloaded");
                sparse.send("get 250");
                sparse.await("got");
                sparse.send("exit");
                assertThat(sparse.awaitExit()).isZero();
            }
        }
        try (LogStore store = LogStore.open(folder.resolve("java"));
                NodePeer sparse = peer("sparse", "--listen", "0", "--key", key, "--live");
                Replication client = Replication.connect(store, loopback(sparse.awaitPort()));
                Log copy = store.log(Key.parse(key))) {
            assertThat(copy.update(LONG)).isTrue();
            CompletableFuture<Void> all = copy.download(0, 300);
            until(() -> copy.presentCount() == 5);
            assertThat(copy.has(10, 14)).isTrue();
            assertThat(copy.has(250)).isTrue();
            assertThat(all).isNotDone();
            assertThat(client.peers()).hasSize(1);
        }
    }

    @Test
    void javaGoesOnWhereItStoppedAfterARestart() {
        String key;
        try (Pair pair = pair(null, true, "--create", "2000", "--block-size", "100", "--seed", SEED, "--live")) {
            JsonObject ready = pair.peer().await("ready");
            key = text(ready, "key");
            try (LogStore store = LogStore.open(folder.resolve("java"));
                    Replication client = Replication.connect(store, loopback(pair.port()));
                    Log copy = store.log(Key.parse(key))) {
                join(copy.download(0, 700));
            }
            try (LogStore store = LogStore.open(folder.resolve("java"));
                    Replication client = Replication.connect(store, loopback(pair.port()));
                    Log copy = store.log(Key.parse(key))) {
                assertThat(copy.presentCount()).isEqualTo(700);
                join(copy.download(0, 2000));
                assertThat(client.traffic().blocks(copy.key()).blocksIn()).isEqualTo(1300);
                assertSameChecksum(pair, copy);
            }
        }
    }

    // ---- Java writes, JavaScript reads

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaScriptReadsALogThatJavaWroteAndFollowsIt(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            append(log, 300, 1024);
            try (Pair pair = pair(store, javaConnects, "--key", log.key().hex(), "--download", "--live")) {
                JsonObject downloaded = pair.peer().await("downloaded");
                assertThat(downloaded.get("blocks").getAsInt()).isEqualTo(300);
                assertThat(text(downloaded, "treeHash"))
                        .isEqualTo(log.treeHash().toString());
                assertThat(text(downloaded.getAsJsonObject("checksum"), "sha256"))
                        .isEqualTo(checksum(log));
                for (int i = 0; i < 5; i++) {
                    append(log, 3, 500);
                    pair.peer().await("append", event -> event.get("length").getAsLong() == log.length());
                }
                pair.peer().send("download");
                assertThat(text(pair.peer().await("downloaded").getAsJsonObject("checksum"), "sha256"))
                        .isEqualTo(checksum(log));
                pair.assertPeace();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaScriptReadsFromAStoreInWhichTheLogIsNotOpen(boolean javaConnects) {
        Key key;
        String sum;
        try (LogStore store = LogStore.open(folder.resolve("java"))) {
            try (Log log = store.log("events")) {
                append(log, 120, 333);
                key = log.key();
                sum = checksum(log);
            }
            try (Pair pair = pair(store, javaConnects, "--key", key.hex(), "--download", "--live")) {
                JsonObject downloaded = pair.peer().await("downloaded");
                assertThat(text(downloaded.getAsJsonObject("checksum"), "sha256"))
                        .isEqualTo(sum);
                pair.assertPeace();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaScriptSeeksAndGetsSingleBlocks(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            for (int i = 0; i < 40; i++) {
                append(log, 1, 10 + i % 7);
            }
            try (Pair pair = pair(store, javaConnects, "--key", log.key().hex(), "--live")) {
                pair.peer().await("ready");
                pair.peer().await("append");
                long position = 301;
                pair.peer().send("seek " + position);
                JsonObject sought = pair.peer().await("seeked");
                Log.Position expected = log.seek(position).orElseThrow();
                assertThat(sought.get("index").getAsLong()).isEqualTo(expected.block());
                assertThat(sought.get("offset").getAsLong()).isEqualTo(expected.offset());
                pair.peer().send("get 39");
                assertThat(pair.peer().await("got").get("bytes").getAsInt()).isEqualTo(10 + 39 % 7);
                pair.peer().send("info");
                assertThat(pair.peer().await("info").get("contiguousLength").getAsInt())
                        .isZero();
                pair.assertPeace();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaScriptFollowsATruncationByJava(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            append(log, 20, 100);
            try (Pair pair = pair(store, javaConnects, "--key", log.key().hex(), "--download", "--live")) {
                pair.peer().await("downloaded");
                log.truncate(9);
                pair.peer().await("truncate", event -> event.get("fork").getAsInt() == 1);
                append(log, 12, 101);
                pair.peer().await("append", event -> event.get("length").getAsInt() == 21);
                pair.peer().send("download");
                JsonObject downloaded = pair.peer().await("downloaded");
                assertThat(text(downloaded, "treeHash"))
                        .isEqualTo(log.treeHash().toString());
                assertThat(text(downloaded.getAsJsonObject("checksum"), "sha256"))
                        .isEqualTo(checksum(log));
                pair.assertPeace();
            }
        }
    }

    @Test
    void javaScriptFindsTheCommonPartOfALogThatJavaTruncatedWhileTheyWereApart() {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            append(log, 20, 100);
            try (Pair pair = pair(store, false, "--key", log.key().hex(), "--download")) {
                pair.peer().await("downloaded");
            }
            log.truncate(9);
            append(log, 12, 101);
            try (Pair pair = pair(store, false, "--key", log.key().hex(), "--live")) {
                pair.peer().await("truncate", event -> event.get("fork").getAsInt() == 1);
                pair.peer().send("download 0 21");
                JsonObject downloaded = pair.peer().await("downloaded");
                assertThat(downloaded.get("blocks").getAsInt()).isEqualTo(12);
                assertThat(text(downloaded, "treeHash"))
                        .isEqualTo(log.treeHash().toString());
                pair.assertPeace();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaScriptReadsALogThatJavaTruncatedBefore(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            append(log, 10, 100);
            log.truncate(3);
            append(log, 4, 101);
            try (Pair pair = pair(store, javaConnects, "--key", log.key().hex(), "--download", "--live")) {
                JsonObject downloaded = pair.peer().await("downloaded");
                assertThat(downloaded.get("fork").getAsInt()).isEqualTo(1);
                assertThat(text(downloaded, "treeHash"))
                        .isEqualTo(log.treeHash().toString());
                pair.assertPeace();
            }
        }
    }

    @Test
    void javaPassesOnWhatItHasOnlyPartly() {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair writer = pair(store, true, "--create", "400", "--block-size", "64", "--seed", SEED, "--live")) {
            JsonObject ready = writer.peer().await("ready");
            try (Log copy = store.log(key(ready))) {
                join(copy.download(100, 200));
                join(copy.download(333, 334));
                try (Replication server = Replication.listen(store, loopback(0));
                        NodePeer reader = peer(
                                "reader",
                                "--connect",
                                String.valueOf(server.address().getPort()),
                                "--key",
                                copy.key().hex(),
                                "--range",
                                "100-200",
                                "--live")) {
                    JsonObject downloaded = reader.await("downloaded");
                    assertThat(downloaded.get("blocks").getAsInt()).isEqualTo(100);
                    reader.send("get 333");
                    reader.await("got");
                    reader.send("get 5");
                    join(copy.download(5, 6));
                    assertThat(reader.await("got").get("index").getAsInt()).isEqualTo(5);
                    assertThat(reader.said("verification-error")).isFalse();
                }
            }
        }
    }

    // ---- both at once

    @Test
    void javaReadsFromJavaAndJavaScriptTogether() {
        try (LogStore first = LogStore.open(folder.resolve("java"));
                LogStore second = LogStore.open(folder.resolve("second"));
                Pair writer = pair(first, true, "--create", "3000", "--block-size", "200", "--seed", SEED, "--live")) {
            JsonObject ready = writer.peer().await("ready");
            try (Log between = first.log(key(ready));
                    Log last = second.log(key(ready));
                    Replication serving = Replication.listen(first, loopback(0))) {
                join(between.download(0, 3000));
                try (Replication toJava = Replication.connect(second, serving.address());
                        Replication toJavaScript = Replication.connect(second, loopback(writer.port()))) {
                    assertThat(last.update(LONG)).isTrue();
                    join(last.download(0, 3000));
                    long fromJava = toJava.traffic().blocks(last.key()).blocksIn();
                    long fromJavaScript =
                            toJavaScript.traffic().blocks(last.key()).blocksIn();
                    // Exactly so many as long as neither is starved for seconds.
                    assertThat(fromJava + fromJavaScript).isBetween(3000L, 3500L);
                    assertThat(fromJava).isPositive();
                    assertThat(fromJavaScript).isPositive();
                    assertThat(checksum(last)).isEqualTo(checksum(between));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaFollowsATruncationByJavaScript(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair cut = pair(store, javaConnects, "--create", "20", "--seed", SEED, "--live");
                Log copy = store.log(key(cut.peer().await("ready")))) {
            join(copy.download(0, 20));
            cut.peer().send("truncate 9");
            cut.peer().await("truncated");
            until(() -> copy.fork() == 1);
            assertThat(copy.length()).isEqualTo(9);
            assertThat(copy.presentCount()).isEqualTo(9);
            cut.peer().send("append 12");
            JsonObject appended = cut.peer().await("appended");
            until(() -> copy.length() == 21);
            join(copy.download(0, 21));
            assertThat(copy.treeHash()).hasToString(text(appended, "treeHash"));
            assertSameChecksum(cut, copy);
            cut.assertPeace();
        }
    }

    @Test
    void javaFindsTheCommonPartOfALogThatJavaScriptTruncatedWhileTheyWereApart() {
        Key key;
        try (LogStore store = LogStore.open(folder.resolve("java"))) {
            try (Pair pair = pair(store, true, "--create", "20", "--block-size", "100", "--seed", SEED, "--live")) {
                key = key(pair.peer().await("ready"));
                try (Log copy = store.log(key)) {
                    join(copy.download(0, 20));
                }
            }
            try (Pair alone = pair(null, true, "--create", "20", "--seed", SEED, "--live")) {
                alone.peer().await("ready");
                alone.peer().send("truncate 9");
                alone.peer().await("truncated");
            }
            List<Long> cuts = new CopyOnWriteArrayList<>();
            try (Log copy = store.log(key);
                    Pair pair = pair(store, true, "--create", "33", "--block-size", "101", "--seed", SEED, "--live")) {
                copy.listen(new LogListener() {
                    @Override
                    public void truncated(Log log, long length, long fork) {
                        cuts.add(length);
                    }
                });
                JsonObject ready = pair.peer().await("ready");
                assertThat(ready.get("length").getAsLong()).isEqualTo(33);
                until(() -> !cuts.isEmpty());
                assertThat(cuts).containsExactly(9L);
                assertThat(copy.fork()).isEqualTo(1);
                join(copy.download(0, 33));
                assertThat(pair.replication().traffic().blocks(key).blocksIn()).isEqualTo(24);
                assertSameChecksum(pair, copy);
                pair.peer().send("info");
                assertThat(copy.treeHash()).hasToString(text(pair.peer().await("info"), "treeHash"));
                pair.assertPeace();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaAndJavaScriptFindThatBothWroteOneLog(boolean javaConnects) {
        KeyPair pair = KeyPair.fromSeed(HexFormat.of().parseHex(SEED));
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log(Manifest.singleSigner(pair.publicKey()), pair)) {
            append(log, 3, 77);
            try (Pair other = pair(store, javaConnects, "--create", "10", "--seed", SEED, "--live")) {
                assertThat(key(other.peer().await("ready"))).isEqualTo(log.key());
                until(() -> log.conflict().isPresent());
                assertThat(log.conflict().orElseThrow().length()).isEqualTo(3);
                JsonObject conflict = other.peer().await("conflict");
                assertThat(conflict.get("length").getAsLong()).isEqualTo(3);
            }
        }
    }
}
