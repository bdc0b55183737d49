package dev.espalier.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import dev.espalier.log.Blocks;
import dev.espalier.log.Log;
import dev.espalier.log.LogDownload;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import dev.espalier.replicate.Replication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rest of what replication specification §5 says, with the published JavaScript stack on the other side. */
@RequiresNode
@Timeout(180)
class ProtocolInteropTest extends ReplicationScenario {

    // ---- §5.5 cancels, §5.8 selections and seeks

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaChoosesBlocksInAndOutOfOrder(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair =
                        pair(store, javaConnects, "--create", "3000", "--block-size", "40", "--seed", SEED, "--live")) {
            try (Log copy = store.log(key(pair.peer().await("ready")))) {
                until(() -> copy.length() == 3000 || copy.update(LONG));
                try (LogDownload some = copy.fetch(Blocks.of(2999, 5, 1234, 7));
                        LogDownload inOrder = copy.fetch(Blocks.range(500, 900).linear())) {
                    join(some.done());
                    join(inOrder.done());
                    assertThat(some.heldBlocks()).isEqualTo(4);
                    assertThat(inOrder.heldBlocks())
                            .isEqualTo(inOrder.totalBlocks())
                            .isEqualTo(400);
                }
                assertThat(copy.presentCount()).isEqualTo(404);
                assertThat(copy.get(1234)).isEqualTo(block(1234, 40));
                pair.assertPeace();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaFindsBytesByNodesAlone(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair =
                        pair(store, javaConnects, "--create", "1500", "--block-size", "40", "--seed", SEED, "--live")) {
            try (Log copy = store.log(key(pair.peer().await("ready")))) {
                until(() -> copy.length() == 1500 || copy.update(LONG));
                // In the first root's tree, where the other side answers seeks, and in the last one's, where it does
                // not.
                for (long position : new long[] {1, 20_019, 40_960, 57_777, 59_999}) {
                    assertThat(copy.seek(position, LONG)).hasValue(new Log.Position(position / 40, position % 40));
                }
                assertThat(copy.presentCount()).as("one block for each at most").isLessThanOrEqualTo(5);
                pair.assertPeace();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaWithdrawsWishesInTheMiddle(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair = pair(
                        store, javaConnects, "--create", "4000", "--block-size", "400", "--seed", SEED, "--live")) {
            try (Log copy = store.log(key(pair.peer().await("ready")))) {
                until(() -> copy.length() == 4000 || copy.update(LONG));
                LogDownload given = copy.fetch(Blocks.range(0, 4000));
                until(() -> copy.presentCount() > 200);
                given.close();
                assertThatThrownBy(() -> given.done().join()).isInstanceOf(Exception.class);
                join(copy.getAsync(3999));
                join(copy.download(0, 4000));
                assertSameChecksum(pair, copy);
                pair.assertPeace();
            }
        }
    }

    // ---- §5.7 what was given up

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaLearnsWhatJavaScriptGaveUp(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair =
                        pair(store, javaConnects, "--create", "100", "--block-size", "40", "--seed", SEED, "--live")) {
            try (Log copy = store.log(key(pair.peer().await("ready")))) {
                until(() -> copy.length() == 100 || copy.update(LONG));
                join(copy.getAsync(3));
                pair.peer().send("clear 10 20");
                pair.peer().await("cleared");
                CompletableFuture<Void> rest = copy.download(0, 100);
                until(() -> copy.presentCount() == 90);
                assertThat(copy.nextAbsent(0, 100)).isEqualTo(10);
                assertThat(rest).isNotDone();
                assertThatThrownBy(() -> copy.get(15, Duration.ofMillis(50)))
                        .extracting("code")
                        .isEqualTo("ERR_TIMEOUT");
                pair.assertPeace();
            }
        }
    }

    @Test
    void javaScriptLearnsWhatJavaGaveUpAndGetsItFromElsewhere() {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                LogStore mirror = LogStore.open(folder.resolve("mirror"));
                Log log = store.log("events");
                Replication server = Replication.listen(store, loopback(0));
                Replication toServer = Replication.connect(mirror, server.address());
                Replication second = Replication.listen(mirror, loopback(0));
                Log copy = mirror.log(log.key())) {
            append(log, 100, 60);
            join(copy.download(0, 100));
            log.clear(10, 20);
            try (NodePeer reader = peer(
                    "reader",
                    "--connect",
                    String.valueOf(server.address().getPort()),
                    "--key",
                    log.key().hex(),
                    "--live")) {
                reader.await("append", event -> event.get("length").getAsLong() == 100);
                reader.send("get 5");
                reader.await("got");
                reader.send("connect " + second.address().getPort());
                reader.await("connected");
                reader.send("get 15");
                assertThat(reader.await("got").get("index").getAsInt()).isEqualTo(15);
                reader.send("download 0 100");
                assertThat(text(reader.await("downloaded").getAsJsonObject("checksum"), "sha256"))
                        .isEqualTo(checksum(copy));
                assertThat(reader.said("verification-error")).isFalse();
            }
        }
    }

    // ---- §5.9 both cut, several times, while the other follows

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSparseReaderFollowsSeveralTruncations(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair cut = pair(store, javaConnects, "--create", "60", "--block-size", "40", "--seed", SEED, "--live");
                Log copy = store.log(key(cut.peer().await("ready")))) {
            until(() -> copy.length() == 60 || copy.update(LONG));
            join(copy.fetch(Blocks.of(3, 30, 59)).done());
            int fork = 0;
            for (int length : new int[] {45, 20, 7}) {
                cut.peer().send("truncate " + length);
                cut.peer().await("truncated");
                cut.peer().send("append 9");
                JsonObject appended = cut.peer().await("appended");
                long expected = ++fork;
                until(() -> copy.fork() == expected && copy.length() == length + 9);
                assertThat(copy.treeHash()).hasToString(text(appended, "treeHash"));
            }
            assertThat(copy.has(3)).isTrue();
            assertThat(copy.has(30)).isFalse();
            join(copy.download(0, 16));
            assertSameChecksum(cut, copy);
            cut.assertPeace();
        }
    }

    // ---- §5.11 push

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaPushesToJavaScript(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            append(log, 5, 100);
            try (Pair pair = pair(store, javaConnects, "--key", log.key().hex(), "--live", "--push")) {
                pair.peer().await("append", event -> event.get("length").getAsLong() == 5);
                for (int i = 5; i < 10; i++) {
                    append(log, 1, 100);
                    pushUntilThere(pair, log, i);
                }
                pushUntilThere(pair, log, 2);
                pair.peer().send("has 0 1");
                assertThat(pair.peer().await("has").get("has").getAsBoolean())
                        .as("not pushed, not asked for")
                        .isFalse();
                pair.assertPeace();
            }
        }
    }

    /** What is pushed crosses what the peer asks for and says of its length. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaPushesWhatItAppendsAtOnce(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            append(log, 5, 100);
            try (Pair pair = pair(store, javaConnects, "--key", log.key().hex(), "--live", "--push")) {
                pair.peer().await("append", event -> event.get("length").getAsLong() == 5);
                for (int i = 0; i < 200; i++) {
                    append(log, 1 + i % 3, 100);
                    pair.replication().push(log, log.length() - 1 - i % 2);
                }
                pair.peer().await("append", event -> event.get("length").getAsLong() == log.length());
                pair.peer().send("info");
                JsonObject info = pair.peer().await("info");
                assertThat(text(info, "treeHash")).isEqualTo(log.treeHash().toString());
                assertThat(info.get("downloaded").getAsInt())
                        .as("blocks pushed")
                        .isPositive();
                pair.assertPeace();
            }
        }
    }

    private void pushUntilThere(Pair pair, Log log, int index) {
        until(() -> {
            pair.replication().push(log, index);
            pair.peer().send("has " + index + " " + (index + 1));
            return pair.peer().await("has").get("has").getAsBoolean();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaScriptPushesToJava(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair = pair(store, javaConnects, "--create", "5", "--seed", SEED, "--live");
                Log copy = store.log(key(pair.peer().await("ready")))) {
            pair.replication().acceptPush(copy, true);
            until(() -> copy.length() == 5);
            for (int i = 4; i < 10; i++) {
                int index = i;
                if (i >= 5) {
                    pair.peer().send("append 1");
                    pair.peer().await("appended");
                }
                until(() -> {
                    pair.peer().send("push " + index);
                    pair.peer().await("pushed");
                    return copy.has(index);
                });
                assertThat(copy.get(index, Duration.ZERO)).isEqualTo(block(index, 1024));
            }
            assertThat(copy.has(0)).isFalse();
            pair.assertPeace();
        }
    }

    /** A peer that has not pushed anything yet proves the first upgrade from nothing, which does not fit here. */
    @Test
    void aReaderThatTakesPushesAndHasBlocksAlreadyFollowsJavaScript() {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair = pair(store, true, "--create", "5", "--seed", SEED, "--live");
                Log copy = store.log(key(pair.peer().await("ready")))) {
            join(copy.download(0, 5));
            pair.replication().close();
            pair.peer().await("disconnected");
            try (Replication again = Replication.connect(store, loopback(pair.port()))) {
                again.acceptPush(copy, true);
                for (int length = 6; length < 10; length++) {
                    int expected = length;
                    pair.peer().send("append 1");
                    pair.peer().await("appended");
                    until(() -> copy.length() == expected);
                }
                join(copy.download(0, 9));
                pair.assertPeace();
            }
        }
    }

    // ---- §5.12 a channel that nobody needs closes and opens again

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anIdleChannelIsOpenedAgainByWhoeverNeedsIt(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"))) {
            Key key;
            try (Log log = store.log("events")) {
                append(log, 30, 100);
                key = log.key();
            }
            try (Pair pair = pair(store, javaConnects, "--key", key.hex(), "--live", "--passive")) {
                pair.peer().await("connected");
                for (int i = 0; i < 4; i++) {
                    pair.peer().send("reopen");
                    pair.peer().await("reopened");
                    pair.peer().send("get " + (7 * i));
                    assertThat(pair.peer().await("got").get("bytes").getAsInt()).isEqualTo(100);
                    pair.peer().send("release");
                    pair.peer().await("released");
                }
                try (Log log = store.log(key)) {
                    append(log, 3, 100);
                    pair.peer().send("reopen");
                    pair.peer().await("reopened");
                    pair.peer().send("get 32");
                    assertThat(pair.peer().await("got").get("index").getAsInt()).isEqualTo(32);
                }
                pair.assertPeace();
                assertThat(pair.peer().said("disconnected")).isFalse();
            }
        }
    }

    // ---- restarts in the middle

    @Test
    void javaGoesOnWhenJavaScriptStartsAgainInTheMiddle() {
        try (LogStore store = LogStore.open(folder.resolve("java"))) {
            NodePeer first = peer(
                    "script", "--listen", "0", "--create", "6000", "--block-size", "500", "--seed", SEED, "--live");
            int port = first.awaitPort();
            try (Replication client = Replication.connect(store, loopback(port));
                    Log copy = store.log(key(first.await("ready")))) {
                CompletableFuture<Void> all;
                try (first) {
                    until(() -> copy.length() == 6000 || copy.update(LONG));
                    all = copy.download(0, 6000);
                    until(() -> copy.presentCount() > 300);
                }
                assertThat(all).isNotDone();
                try (NodePeer second = peer(
                        "script", "--listen", String.valueOf(port), "--create", "6000", "--seed", SEED, "--live")) {
                    join(all);
                    second.send("checksum");
                    assertThat(text(second.await("checksum"), "sha256")).isEqualTo(checksum(copy));
                }
            }
        }
    }

    @Test
    void javaScriptGoesOnWhenJavaStartsAgainInTheMiddle() {
        Key key;
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            append(log, 6000, 500);
            key = log.key();
        }
        try (NodePeer reader = peer("reader", "--listen", "0", "--live", "--key", key.hex())) {
            int port = reader.awaitPort();
            try (LogStore store = LogStore.open(folder.resolve("java"));
                    Replication first = Replication.connect(store, loopback(port))) {
                reader.await("append", event -> event.get("length").getAsLong() == 6000);
                reader.send("download 0 6000");
                until(() -> first.traffic().blocks().blocksOut() > 300);
            }
            reader.await("disconnected");
            try (LogStore store = LogStore.open(folder.resolve("java"));
                    Log log = store.log(key);
                    Replication second = Replication.connect(store, loopback(port))) {
                JsonObject downloaded = reader.await("downloaded");
                assertThat(text(downloaded.getAsJsonObject("checksum"), "sha256"))
                        .isEqualTo(checksum(log));
                assertThat(second.traffic().blocks(key).blocksOut()).isLessThan(6000);
            }
        }
    }

    @Test
    void javaScriptStartsAgainInTheMiddle() {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events");
                Replication server = Replication.listen(store, loopback(0))) {
            append(log, 6000, 500);
            String port = String.valueOf(server.address().getPort());
            String key = log.key().hex();
            try (NodePeer reader = peer("reader", "--connect", port, "--key", key, "--live", "--download")) {
                until(() -> server.traffic().blocks().blocksOut() > 300);
                assertThat(reader.said("error")).isFalse();
            }
            try (NodePeer reader = peer("reader", "--connect", port, "--key", key, "--live", "--download")) {
                JsonObject downloaded = reader.await("downloaded");
                assertThat(text(downloaded.getAsJsonObject("checksum"), "sha256"))
                        .isEqualTo(checksum(log));
            }
        }
    }

    // ---- many

    /** Java, JavaScript, Java, ... in a ring: each connects to the next one only. */
    @Test
    void everyBlockGoesRoundARingOfThreeAndThree() {
        List<AutoCloseable> open = new ArrayList<>();
        try {
            List<LogStore> stores = new ArrayList<>();
            List<Replication> servers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                LogStore store = LogStore.open(folder.resolve("java" + i));
                open.add(store);
                stores.add(store);
                servers.add(Replication.listen(store, loopback(0)));
                open.add(servers.get(i));
            }
            Log log = stores.get(0).log("events");
            append(log, 500, 300);
            List<NodePeer> scripts = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                NodePeer script =
                        peer("ring" + i, "--listen", "0", "--key", log.key().hex(), "--live");
                open.add(script);
                scripts.add(script);
            }
            List<Log> copies = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int port = scripts.get(i).awaitPort();
                Replication toScript = Replication.connect(stores.get(i), loopback(port));
                open.add(toScript);
                scripts.get(i)
                        .send("connect " + servers.get((i + 1) % 3).address().getPort());
                Log copy = stores.get(i).log(log.key());
                copies.add(copy);
                open.add(copy.fetch(Blocks.from(0)));
                scripts.get(i).send("download 0 700");
            }
            for (int i = 0; i < 10; i++) {
                append(log, 20, 300);
            }
            for (int i = 0; i < 3; i++) {
                Log copy = copies.get(i);
                until(() -> copy.contiguousLength() == 700);
                assertThat(copy.treeHash()).isEqualTo(log.treeHash());
                JsonObject downloaded = scripts.get(i).await("downloaded");
                assertThat(text(downloaded, "treeHash"))
                        .isEqualTo(log.treeHash().toString());
                assertThat(text(downloaded.getAsJsonObject("checksum"), "sha256"))
                        .isEqualTo(checksum(copy));
                assertThat(scripts.get(i).said("verification-error")).isFalse();
            }
        } finally {
            for (int i = open.size() - 1; i >= 0; i--) {
                close(open.get(i));
            }
        }
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
