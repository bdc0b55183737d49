package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.MultiSignature;
import dev.espalier.merkle.Prologue;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Named branches of a log, and committing them. */
class BranchTest {

    @TempDir
    Path folder;

    private LogStore store;
    private Log log;

    @BeforeEach
    void open() {
        store = LogStore.open(folder);
        log = store.log("log");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void reopen() {
        store.close();
        open();
    }

    private static List<ByteBuffer> blocks(String... texts) {
        return Stream.of(texts)
                .map(text -> ByteBuffer.wrap(text.getBytes(UTF_8)))
                .toList();
    }

    private static List<String> content(LogBranch branch) {
        List<String> found = new ArrayList<>();
        for (long i = 0; i < branch.length(); i++) {
            found.add(new String(branch.get(i, Duration.ZERO), UTF_8));
        }
        TreeBatch tree = new TreeBatch(TreeHead.EMPTY);
        found.forEach(block -> tree.append(ByteBuffer.wrap(block.getBytes(UTF_8))));
        assertThat(branch.treeHash()).isEqualTo(tree.treeHash());
        for (long length = 0; length <= branch.length(); length++) {
            assertThat(branch.treeHash(length)).isNotNull();
        }
        return found;
    }

    private static String code(Runnable call) {
        try {
            call.run();
            return "";
        } catch (dev.espalier.merkle.EspalierException e) {
            return e.code();
        }
    }

    @Test
    void aBranchBeginsWithTheLogAndIsNotSeenInIt() {
        log.append(blocks("a", "b", "c"));
        try (LogBranch branch = log.branch("draft")) {
            assertThat(content(branch)).containsExactly("a", "b", "c");
            assertThat(branch.append(blocks("d", "e"))).isEqualTo(5);
            assertThat(content(branch)).containsExactly("a", "b", "c", "d", "e");
            assertThat(branch.signedLength()).isEqualTo(3);
            assertThat(log.length()).isEqualTo(3);
            log.append(blocks("d", "x"));
            assertThat(branch.signedLength()).isEqualTo(4);
            assertThat(content(branch)).containsExactly("a", "b", "c", "d", "e");
        }
        assertThat(log.branches()).containsExactly("draft");
    }

    @Test
    void allHandlesOnANameSeeTheSameBranchAndItIsThereAfterReopening() {
        log.append(blocks("a", "b", "c"));
        try (LogBranch one = log.branch("draft");
                LogBranch two = log.branch("draft")) {
            one.append(blocks("d"));
            two.append(blocks("e"));
            one.truncate(4);
            one.append(blocks("f"));
            assertThat(content(two)).containsExactly("a", "b", "c", "d", "f");
            assertThat(two.fork()).isEqualTo(1);
        }
        try (LogBranch again = log.branch("draft")) {
            assertThat(content(again)).containsExactly("a", "b", "c", "d", "f");
        }
        reopen();
        try (LogBranch again = log.branch("draft");
                LogBranch other = log.branch("other")) {
            assertThat(content(again)).containsExactly("a", "b", "c", "d", "f");
            assertThat(again.fork()).isEqualTo(1);
            assertThat(content(other)).containsExactly("a", "b", "c");
            assertThat(log.branches()).containsExactly("draft", "other");
        }
    }

    @Test
    void aBranchIsCommittedInPartsAndAsAWhole() {
        log.append(blocks("a"));
        List<String> events = new ArrayList<>();
        log.listen(new LogListener() {
            @Override
            public void headChanged(Log changed) {
                events.add("head " + changed.length());
            }

            @Override
            public void blocksStored(Log changed, long start, long count) {
                events.add(start + " and " + count);
            }
        });
        try (LogBranch branch = log.branch("draft")) {
            branch.append(blocks("b", "c", "d", "e"));
            Hash three = branch.treeHash(3);
            assertThat(log.commit(branch, CommitOptions.DEFAULT.withLength(3))).isEqualTo(3);
            assertThat(log.treeHash()).isEqualTo(three);
            assertThat(log.commit(branch, CommitOptions.DEFAULT.withLength(3))).isEqualTo(3);
            branch.append(blocks("f"));
            assertThat(log.commit(branch)).isEqualTo(6);
            assertThat(log.commit(branch)).isEqualTo(6);
            assertThat(branch.signedLength()).isEqualTo(6);
            assertThat(log.treeHash()).isEqualTo(branch.treeHash());
            assertThat(log.get(5)).isEqualTo("f".getBytes(UTF_8));
            assertThat(LogAudit.run(log).ok()).isTrue();
            assertThat(code(() -> log.commit(branch, CommitOptions.DEFAULT.withLength(4))))
                    .isEqualTo("ERR_DIVERGED");
            assertThat(code(() -> log.commit(branch, CommitOptions.DEFAULT.withLength(7))))
                    .isEqualTo("BAD_ARGUMENT");
        }
        assertThat(events).containsExactly("head 3", "1 and 2", "head 6", "3 and 3");
    }

    @Test
    void aBranchThatDivergedIsRefusedAndTheLogStaysAsItIs() {
        log.append(blocks("a", "b"));
        try (LogBranch branch = log.branch("draft")) {
            branch.append(blocks("c", "d"));
            log.append(blocks("x"));
            assertThatThrownBy(() -> log.commit(branch))
                    .hasMessageContaining("differ in the first 3 blocks")
                    .extracting("code")
                    .isEqualTo("ERR_DIVERGED");
            log.append(blocks("y", "z"));
            assertThat(code(() -> log.commit(branch))).isEqualTo("ERR_DIVERGED");
            assertThat(log.length()).isEqualTo(5);
            log.truncate(2);
            assertThat(log.commit(branch)).isEqualTo(4);
            assertThat(log.fork()).isEqualTo(1);
            assertThat(LogAudit.run(log).ok()).isTrue();
            try (Log other = store.log("other")) {
                assertThatThrownBy(() -> other.commit(branch)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void aBranchKeepsWhatTheLogLoses() {
        log.append(blocks("a", "b", "c", "d", "e", "f", "g"));
        try (LogBranch open = log.branch("open")) {
            log.branch("closed").close();
            open.append(blocks("h", "i"));
            log.truncate(3);
            log.append(blocks("x", "y", "z", "x", "y", "z"));
            assertThat(content(open)).containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i");
            assertThat(open.signedLength()).isEqualTo(3);
            try (LogBranch closed = log.branch("closed")) {
                assertThat(content(closed)).containsExactly("a", "b", "c", "d", "e", "f", "g");
                assertThat(closed.append(blocks("k"))).isEqualTo(8);
            }
            log.truncate(0);
            assertThat(content(open)).hasSize(9);
        }
        reopen();
        try (LogBranch open = log.branch("open")) {
            assertThat(content(open)).containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i");
            assertThat(log.commit(open)).isEqualTo(9);
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    @Test
    void anAtomThatCutsTheLogLeavesBranchesWhatTheyHave() {
        log.append(blocks("a", "b", "c", "d"));
        try (LogBranch branch = log.branch("draft");
                Atom atom = store.atom()) {
            atom.truncate(log, 1);
            atom.append(log, blocks("x", "y"));
            atom.commit();
            assertThat(content(branch)).containsExactly("a", "b", "c", "d");
            assertThat(branch.signedLength()).isEqualTo(1);
        }
    }

    @Test
    void aBranchIsTruncatedBelowItsBaseAndGrowsAgain() {
        log.append(blocks("a", "b", "c", "d", "e"));
        try (LogBranch branch = log.branch("draft")) {
            branch.append(blocks("f"));
            branch.truncate(3);
            assertThat(content(branch)).containsExactly("a", "b", "c");
            branch.append(blocks("x", "y", "z", "w"));
            assertThat(content(branch)).containsExactly("a", "b", "c", "x", "y", "z", "w");
            assertThat(branch.signedLength()).isEqualTo(3);
            assertThat(code(() -> branch.truncate(8))).isEqualTo("BAD_ARGUMENT");
            assertThat(code(() -> branch.truncate(-1))).isEqualTo("BAD_ARGUMENT");
            assertThat(code(() -> log.commit(branch))).isEqualTo("ERR_DIVERGED");
        }
        reopen();
        try (LogBranch branch = log.branch("draft")) {
            assertThat(content(branch)).containsExactly("a", "b", "c", "x", "y", "z", "w");
        }
    }

    @Test
    void beginningAnewAndDeletingLeaveNothingBehind() throws IOException {
        log.append(blocks("a", "b", "c"));
        LogBranch old = log.branch("draft");
        old.append(blocks("d"));
        try (LogBranch branch = log.newBranch("draft", 2)) {
            assertThatThrownBy(old::length).isInstanceOf(IllegalStateException.class);
            old.close();
            assertThat(content(branch)).containsExactly("a", "b");
            branch.append(blocks("x"));
            assertThat(code(() -> log.newBranch("draft", 4))).isEqualTo("BAD_ARGUMENT");
            assertThat(content(branch)).containsExactly("a", "b", "x");
        }
        assertThat(folders()).containsExactly("2");
        reopen();
        try (LogBranch branch = log.branch("draft")) {
            assertThat(content(branch)).containsExactly("a", "b", "x");
            assertThat(log.deleteBranch("draft")).isTrue();
            assertThatThrownBy(branch::length).isInstanceOf(IllegalStateException.class);
            assertThat(log.deleteBranch("draft")).isFalse();
        }
        assertThat(log.branches()).isEmpty();
        assertThat(folders()).isEmpty();
        try (LogBranch branch = log.branch("draft")) {
            assertThat(branch.length()).isEqualTo(3);
        }
    }

    /** Names of the folders of generations. */
    private List<String> folders() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> Files.isDirectory(path)
                            && path.getParent().getParent().endsWith("branches"))
                    .map(path -> path.getFileName().toString())
                    .toList();
        }
    }

    @Test
    void whatWasCommittedTakesNoRoomTwice() throws IOException {
        try (LogBranch branch = log.branch("draft")) {
            branch.append(List.of(ByteBuffer.wrap(new byte[2 << 20])));
            log.commit(branch, CommitOptions.DEFAULT.withDurability(Durability.DATA));
            branch.append(blocks("own"));
        }
        assertThat(folders()).containsExactly("1");
        try (LogBranch branch = log.branch("draft")) {
            assertThat(branch.length()).isEqualTo(2);
            assertThat(branch.get(0)).hasSize(2 << 20);
            assertThat(log.commit(branch)).isEqualTo(2);
        }
        reopen();
        try (LogBranch branch = log.branch("draft")) {
            assertThat(folders()).containsExactly("2");
            assertThat(branch.get(1)).isEqualTo("own".getBytes(UTF_8));
            assertThat(branch.append(blocks("more"))).isEqualTo(3);
            assertThat(log.commit(branch)).isEqualTo(3);
        }
    }

    @Test
    void encryptedBlocksOfABranchNeverShareAStreamAndCanBeReadInTheLog() {
        byte[] key = new byte[32];
        try (Log secret = store.log("secret", LogOptions.encrypted(key));
                Log stored = store.log("secret");
                LogBranch branch = secret.branch("draft");
                LogBranch raw = stored.branch("draft")) {
            branch.append(blocks("one"));
            byte[] first = raw.get(0);
            branch.truncate(0);
            branch.append(blocks("one"));
            assertThat(raw.get(0)).hasSize(11).isNotEqualTo(first);
            assertThat(branch.get(0)).isEqualTo("one".getBytes(UTF_8));
            assertThat(branch.byteLength()).isEqualTo(3);
            secret.commit(branch);
            assertThat(secret.get(0)).isEqualTo("one".getBytes(UTF_8));
            assertThat(stored.get(0)).isEqualTo(raw.get(0));
        }
    }

    @Test
    void abranchOfALogWithSeveralSignersIsCommittedWithTheirSignature() {
        List<KeyPair> pairs =
                List.of(SignedElsewhereTest.pair(1), SignedElsewhereTest.pair(2), SignedElsewhereTest.pair(3));
        Manifest manifest = SignedElsewhereTest.ofThree(pairs);
        HeadVerifier verifier = HeadVerifier.of(manifest.key(), manifest);
        try (Log several = store.log(manifest);
                LogBranch branch = several.branch("release")) {
            branch.append(blocks("a", "b", "c"));
            assertThat(code(() -> several.commit(branch))).isEqualTo("ERR_NOT_WRITABLE");
            List<MultiSignature.Contribution> parts = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                byte[] one =
                        pairs.get(i).sign(verifier.signable(i, branch.treeHash(), branch.length(), several.fork()));
                parts.add(new MultiSignature.Contribution(i, one, 0, List.of()));
            }
            CommitOptions signed = CommitOptions.DEFAULT.withSignature(verifier.assemble(parts));
            assertThat(code(() -> several.commit(branch, signed.withLength(2)))).isEqualTo("INVALID_SIGNATURE");
            assertThat(several.length()).isZero();
            assertThat(several.commit(branch, signed)).isEqualTo(3);
            assertThat(LogAudit.run(several).ok()).isTrue();
        }
    }

    @Test
    void theFirstBlocksOfALogWithAPrologueAreFixedInBranchesToo() {
        TreeBatch tree = new TreeBatch(TreeHead.EMPTY);
        List<ByteBuffer> four = Vectors.blocks().subList(0, 4);
        four.forEach(tree::append);
        KeyPair pair = SignedElsewhereTest.pair(9);
        Manifest manifest = Manifest.builder()
                .signer(Manifest.singleSigner(pair.publicKey()).signers().get(0))
                .prologue(new Prologue(tree.treeHash(), 4))
                .build();
        try (Log fixed = store.log(manifest, pair);
                LogBranch branch = fixed.branch("draft")) {
            assertThat(code(() -> branch.append(four.subList(0, 3)))).isEqualTo("INVALID_OPERATION");
            branch.append(four);
            branch.append(blocks("more"));
            assertThat(code(() -> branch.truncate(3))).isEqualTo("INVALID_OPERATION");
            assertThat(fixed.commit(branch)).isEqualTo(5);
            assertThat(code(() -> fixed.newBranch("other", 3))).isEqualTo("INVALID_OPERATION");
        }
    }

    @Test
    void aReaderHasBranchesAndFetchesWhatTheyShare() {
        try (LogStore other = LogStore.open(folder.resolve("other"));
                Log source = other.log("source");
                Log reader = store.log(source.key())) {
            source.append(Vectors.blocks());
            reader.apply(source.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 20), true)));
            reader.apply(SparseLogTest.fetch(source, reader, 3));
            try (LogBranch branch = reader.branch("mine")) {
                branch.append(blocks("own"));
                assertThat(branch.has(3)).isTrue();
                assertThat(branch.has(4)).isFalse();
                assertThat(code(() -> branch.get(4))).isEqualTo("ERR_NOT_FOUND");
                reader.apply(SparseLogTest.fetch(source, reader, 4));
                assertThat(branch.get(4)).isEqualTo(source.get(4));
                assertThat(code(() -> reader.commit(branch))).isEqualTo("ERR_NOT_WRITABLE");
                reader.truncate(0);
                assertThat(branch.get(4)).isEqualTo(source.get(4));
                assertThat(code(() -> branch.get(5))).isEqualTo("SNAPSHOT_NOT_AVAILABLE");
                assertThat(branch.get(20)).isEqualTo("own".getBytes(UTF_8));
                assertThat(branch.signedLength()).isZero();
            }
        }
    }

    @Test
    void blocksThatAreNotThoseOfTheirTreeAreNeverSigned() throws IOException {
        log.branch("draft").append(blocks("a damaged block"));
        store.close();
        Path data;
        try (Stream<Path> all = Files.walk(folder)) {
            data = all.filter(path -> path.endsWith("data") && path.toString().contains("branches"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(data);
        bytes[DataFile.HEADER_BYTES] ^= 1;
        Files.write(data, bytes);
        open();
        try (LogBranch branch = log.branch("draft")) {
            assertThat(code(() -> log.commit(branch))).isEqualTo("INVALID_CHECKSUM");
            assertThat(log.length()).isZero();
        }
    }

    @Test
    void aClosedHandleIsOfNoUse() {
        LogBranch branch = log.branch("draft");
        branch.close();
        branch.close();
        assertThatThrownBy(branch::length).isInstanceOf(IllegalStateException.class);
        LogBranch other = log.branch("draft");
        store.close();
        assertThatThrownBy(() -> other.append(new byte[1])).isInstanceOf(IllegalStateException.class);
        other.close();
        open();
    }
}
