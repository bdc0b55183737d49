package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may come, in which direction, and that rates let everything through in the end. */
@Timeout(120)
@SuppressWarnings("FutureReturnValueIgnored") // wishes are watched through the log
class PeerRulesTest {

    private static final InetSocketAddress ANY_PORT = ReplicationTest.anyPort();

    @TempDir
    Path folder;

    private LogStore one;
    private LogStore two;
    private Log ofOne;
    private Log ofTwo;
    private Log copyOfOne;
    private Log copyOfTwo;

    @BeforeEach
    void open() {
        one = LogStore.open(folder.resolve("one"));
        two = LogStore.open(folder.resolve("two"));
        ofOne = one.log("events");
        ofTwo = two.log("events");
        TestBlocks.append(ofOne, 100, 2_000);
        TestBlocks.append(ofTwo, 100, 2_000);
        copyOfOne = two.log(ofOne.key());
        copyOfTwo = one.log(ofTwo.key());
    }

    @AfterEach
    void close() {
        two.close();
        one.close();
    }

    private static ReplicationOptions with(PeerRules rules) {
        return ReplicationOptions.defaults().withRules(rules);
    }

    @Test
    void whoeverOnlyUploadsServesAndAsksNobody() {
        try (Replication server = Replication.listen(one, ANY_PORT, with(PeerRules.NONE.uploadOnly()));
                Replication client = Replication.connect(two, server.address())) {
            ReplicationTest.join(copyOfOne.download(0, 100));
            assertThat(copyOfTwo.length()).isZero();
            assertThat(server.traffic().blocks().blocksIn()).isZero();
            assertThat(client.peers()).hasSize(1);
            assertThat(copyOfTwo.update(Duration.ofSeconds(60)))
                    .as("nobody can be asked: no waiting")
                    .isFalse();
        }
    }

    @Test
    void whoeverOnlyDownloadsFetchesAndServesNobody() {
        try (Replication server = Replication.listen(one, ANY_PORT);
                Replication client = Replication.connect(two, server.address(), with(PeerRules.NONE.downloadOnly()))) {
            ReplicationTest.join(copyOfOne.download(0, 100));
            assertThat(copyOfTwo.update(Duration.ofSeconds(60))).isFalse();
            assertThat(copyOfTwo.length()).isZero();
            assertThat(client.traffic().blocks().blocksOut()).isZero();
        }
    }

    @Test
    void anIdentityOfAStoreStaysTheSameAndIsLetIn() {
        Key known = two.keyPair("replication identity").publicKey();
        PeerRules rules = PeerRules.NONE.allowing(Set.of(known));
        try (Replication server = Replication.listen(one, ANY_PORT, with(rules));
                Replication client = Replication.connect(
                        two, server.address(), ReplicationOptions.defaults().withIdentityOf(two))) {
            ReplicationTest.join(copyOfOne.download(0, 100));
            assertThat(server.peers())
                    .singleElement()
                    .satisfies(peer -> assertThat(peer.publicKey()).isEqualTo(known));
        }
    }

    @Test
    void whoeverIsNotAllowedIsRefusedAndLearnsNothing() throws Exception {
        BlockingQueue<EspalierException> refused = new LinkedBlockingQueue<>();
        BlockingQueue<String> others = new LinkedBlockingQueue<>();
        ReplicationListener events = new ReplicationListener() {
            @Override
            public void peerAdded(PeerInfo peer) {
                others.add("added");
            }

            @Override
            public void peerRemoved(PeerInfo peer, @Nullable EspalierException failure) {
                others.add("removed");
            }

            @Override
            public void peerRefused(PeerInfo peer, EspalierException why) {
                refused.add(why);
            }
        };
        PeerRules rules = PeerRules.NONE.allowing(Set.of(ofOne.key()));
        try (Replication server = Replication.listen(one, ANY_PORT, with(rules).withListener(events));
                Replication client = Replication.connect(
                        two, server.address(), ReplicationOptions.defaults().withoutReconnect())) {
            EspalierException why = refused.poll(60, TimeUnit.SECONDS);
            assertThat(why).isNotNull();
            assertThat(why.code()).isEqualTo("ERR_PEER_NOT_ALLOWED");
            ReplicationTest.until(
                    () -> client.peers().isEmpty() && server.peers().isEmpty());
            assertThat(copyOfOne.length()).isZero();
        }
        assertThat(others).isEmpty();
    }

    @Test
    void aServerOfAnotherIdentityIsRefusedByWhoeverConnects() throws Exception {
        BlockingQueue<EspalierException> refused = new LinkedBlockingQueue<>();
        ReplicationListener events = new ReplicationListener() {
            @Override
            public void peerRefused(PeerInfo peer, EspalierException why) {
                refused.add(why);
            }
        };
        PeerRules rules = PeerRules.NONE.allowing(Set.of(ofOne.key()));
        try (Replication server = Replication.listen(one, ANY_PORT);
                Replication client = Replication.connect(
                        two, server.address(), with(rules).withoutReconnect().withListener(events))) {
            assertThat(refused.poll(60, TimeUnit.SECONDS)).isNotNull();
            assertThat(copyOfOne.length()).isZero();
        }
    }

    @Test
    void whatIsHeldToRatesArrivesWhole() {
        PeerRules.Rate rate = new PeerRules.Rate(400_000, 400_000);
        try (Replication server = Replication.listen(one, ANY_PORT, with(PeerRules.NONE.withTotal(rate)));
                Replication client =
                        Replication.connect(two, server.address(), with(PeerRules.NONE.withPerPeer(rate)))) {
            ReplicationTest.join(copyOfOne.download(0, 100));
            ReplicationTest.join(copyOfTwo.download(0, 100));
            TestBlocks.assertSame(copyOfOne, ofOne);
            TestBlocks.assertSame(copyOfTwo, ofTwo);
        }
    }

    @Test
    void rulesThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new PeerRules(false, false, null, PeerRules.Rate.UNLIMITED, PeerRules.Rate.UNLIMITED))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PeerRules.Rate(-1, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
