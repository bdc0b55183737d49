package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Namespaces;
import dev.espalier.merkle.Signer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogStoreTest {

    @TempDir
    Path folder;

    private static String codeOf(Runnable failing) {
        EspalierException failure = catchThrowableOfType(EspalierException.class, failing::run);
        assertThat(failure).isNotNull();
        return failure.code();
    }

    @Test
    void aStoreIsMadeOnceAndKeepsItsPrimaryKey() {
        Key key;
        try (LogStore store = LogStore.open(folder.resolve("a/b"))) {
            key = store.keyPair("x").publicKey();
        }
        try (LogStore store = LogStore.open(folder.resolve("a/b"))) {
            assertThat(store.keyPair("x").publicKey()).isEqualTo(key);
        }
        assertThat(codeOf(() -> LogStore.open(
                        folder.resolve("a/b"), StoreOptions.defaults().withPrimaryKey(new byte[32]))))
                .isEqualTo("BAD_ARGUMENT");
    }

    @Test
    void secretsCanBeReadByTheirOwnerOnly() throws IOException {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("x")) {
            Path place = LogFolder.of(folder, log.discoveryKey()).file(FileKind.IDENTITY);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("store"))))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aPurgedLogIsGoneWithItsFilesAndItsHandles() throws Exception {
        try (LogStore store = LogStore.open(folder)) {
            Log log = store.log("x");
            log.append("bytes".getBytes(StandardCharsets.UTF_8));
            try (LogBranch branch = log.branch("draft")) {
                branch.append(new byte[1]);
            }
            List<String> heard = new ArrayList<>();
            log.listen(new LogListener() {
                @Override
                public void closed(Log closed) {
                    heard.add("closed");
                }
            });
            Path place = LogFolder.of(folder, log.discoveryKey()).folder();
            assertThat(store.purge(log.key())).isTrue();
            assertThat(store.purge(log.key())).isFalse();
            assertThat(heard).containsExactly("closed");
            assertThat(place).isEmptyDirectory();
            assertThat(store.discoveryKeys()).isEmpty();
            assertThatThrownBy(() -> log.get(0)).isInstanceOf(IllegalStateException.class);
            log.close();
            try (Log again = store.log("x")) {
                assertThat(again.key()).isEqualTo(log.key());
                assertThat(again.length()).isZero();
                assertThat(again.branches()).isEmpty();
            }
        }
    }

    @Test
    void anAbsentStoreIsOnlyMadeWhenAllowed() {
        assertThat(codeOf(() -> LogStore.open(
                        folder.resolve("none"), StoreOptions.defaults().existing())))
                .isEqualTo("ERR_NOT_FOUND");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void aFolderThatIsAFileIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertThatThrownBy(() -> LogStore.open(file))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("it is not a folder");
        assertThatThrownBy(() -> LogStore.open(file.resolve("below"))).isInstanceOf(StorageException.class);
    }

    @Test
    void logsWithoutTheFileOfTheStoreAreNotTakenOver() throws IOException {
        try (LogStore store = LogStore.open(folder)) {
            store.log("x").close();
        }
        Files.delete(folder.resolve("store"));
        assertThat(codeOf(() -> LogStore.open(folder))).isEqualTo("ERR_CORRUPT");
    }

    @Test
    void oneProcessOpensAStoreOnce() {
        try (LogStore store = LogStore.open(folder)) {
            String pid = Long.toString(ProcessHandle.current().pid());
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> LogStore.open(folder))
                        .isInstanceOf(EspalierException.class)
                        .hasMessageContaining(pid)
                        .extracting("code")
                        .isEqualTo("ERR_STORE_IN_USE");
            }
        }
        LogStore.open(folder).close();
    }

    @Test
    void anotherProcessIsToldWhoHoldsTheStore() throws Exception {
        Process child = Children.start(StoreHolder.class, folder.toString());
        try (BufferedReader out = child.inputReader(StandardCharsets.US_ASCII)) {
            assertThat(out.readLine()).isEqualTo("open");
            assertThatThrownBy(() -> LogStore.open(folder))
                    .isInstanceOf(EspalierException.class)
                    .hasMessageContaining("pid " + child.pid())
                    .extracting("code")
                    .isEqualTo("ERR_STORE_IN_USE");
            child.getOutputStream().close();
            assertThat(out.readLine()).isEqualTo("closed");
            LogStore.open(folder).close();
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void theLockOfAKilledProcessIsFree() throws Exception {
        Process child = Children.start(StoreHolder.class, folder.toString());
        try (BufferedReader out = child.inputReader(StandardCharsets.US_ASCII)) {
            assertThat(out.readLine()).isEqualTo("open");
        } finally {
            child.destroyForcibly();
        }
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("held")) {
            assertThat(log.length()).isEqualTo(1);
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    /** Opens a store, appends to it, and holds it until its input ends. */
    static final class StoreHolder {
        public static void main(String[] args) throws IOException {
            try (LogStore store = LogStore.open(Path.of(args[0]))) {
                store.log("held").append(new byte[] {1});
                System.out.println("open");
                System.out.flush();
                while (System.in.read() >= 0) {}
            }
            System.out.println("closed");
            System.out.flush();
        }
    }

    @Test
    void theAliasDecidesWhichLogANameMeans() {
        try (LogStore store = LogStore.open(folder)) {
            KeyPair pair = store.keyPair("old");
            Manifest other = Manifest.builder()
                    .version(2)
                    .signer(new Signer(Namespaces.DEFAULT_NAMESPACE, pair.publicKey()))
                    .build();
            try (Log log = store.log(other, pair)) {
                NameFile.write(
                        new FileStorage(MappingMode.PLAIN), folder, store.namespace(), "old", log.discoveryKey());
                try (Log named = store.log("old")) {
                    assertThat(named.key()).isEqualTo(other.key());
                    assertThat(named.writable()).isTrue();
                }
            }
        }
    }

    @Test
    void aNameWhoseLogIsGoneIsAnError() throws IOException {
        try (LogStore store = LogStore.open(folder)) {
            Storage storage = new FileStorage(MappingMode.PLAIN);
            NameFile.write(storage, folder, store.namespace(), "lost", Key.of(new byte[32]));
            assertThat(codeOf(() -> store.log("lost"))).isEqualTo("ERR_NOT_FOUND");
        }
    }

    @Test
    void namespacesKeepNamesApart() {
        try (LogStore store = LogStore.open(folder)) {
            LogStore a = store.namespace("a");
            LogStore b = store.namespace("b");
            try (Log one = a.log("x");
                    Log two = b.log("x")) {
                assertThat(one.key()).isNotEqualTo(two.key());
            }
            a.close();
            assertThat(store.discoveryKeys()).hasSize(2);
        }
    }

    @Test
    void logsAreFoundByDiscoveryKeyAndNeverMadeByIt() {
        Key unknown = Key.of(new byte[32]);
        Key discoveryKey;
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("x")) {
            discoveryKey = log.discoveryKey();
            assertThat(store.contains(log.key())).isTrue();
            assertThat(store.contains(unknown)).isFalse();
            assertThat(store.stored(unknown.discoveryKey())).isEmpty();
        }
        try (LogStore store = LogStore.open(folder);
                Log log = store.stored(discoveryKey).orElseThrow()) {
            assertThat(log.writable()).isTrue();
            assertThat(log.name()).hasValue("x");
            assertThat(store.discoveryKeys()).containsExactly(discoveryKey);
        }
    }

    @Test
    void aGivenSignerIsKept() {
        KeyPair pair = KeyPair.fromSeed(new byte[32]);
        Manifest manifest = Manifest.singleSigner(pair.publicKey());
        try (LogStore store = LogStore.open(folder)) {
            try (Log reader = store.log(manifest.key())) {
                assertThat(reader.writable()).isFalse();
                try (Log writer = store.log(manifest, pair)) {
                    writer.append(new byte[3]);
                }
                assertThat(reader.writable()).isTrue();
                assertThat(reader.length()).isEqualTo(1);
            }
        }
        try (LogStore store = LogStore.open(folder);
                Log log = store.log(manifest.key())) {
            assertThat(log.append(new byte[2])).isEqualTo(2);
        }
    }

    @Test
    void aLogSignedLikeAnotherStaysWritable() {
        Key key;
        try (LogStore store = LogStore.open(folder);
                Log first = store.namespace("a").log("first")) {
            Manifest manifest = Manifest.builder()
                    .signer(new Signer(
                            Namespaces.TREE, first.manifest().signers().get(0).publicKey()))
                    .build();
            try (Log second = store.log(manifest, first)) {
                key = second.key();
                assertThat(second.append(new byte[1])).isEqualTo(1);
                assertThat(second.name()).isEmpty();
                assertThat(first.name()).hasValue("first");
            }
        }
        try (LogStore store = LogStore.open(folder);
                Log second = store.log(key)) {
            assertThat(second.append(new byte[2])).isEqualTo(2);
        }
    }

    @Test
    void listenersHearOfEachOpening() throws Exception {
        try (LogStore store = LogStore.open(folder)) {
            Log first = store.log("first");
            List<Key> opened = new ArrayList<>();
            List<String> closed = new ArrayList<>();
            AutoCloseable ending = store.onOpened(log -> {
                opened.add(log.key());
                log.listen(new LogListener() {
                    @Override
                    public void closed(Log which) {
                        closed.add(which.id());
                    }
                });
            });
            assertThat(opened).containsExactly(first.key());
            Log second = store.log("second");
            Log again = store.log("second");
            assertThat(opened).containsExactly(first.key(), second.key());
            second.close();
            assertThat(closed).isEmpty();
            again.close();
            assertThat(closed).containsExactly(second.id());
            store.log("second").close();
            assertThat(opened).hasSize(3);
            ending.close();
            store.log("third").close();
            assertThat(opened).hasSize(3);
            first.close();
        }
    }

    @Test
    void nothingWorksAfterClosing() {
        LogStore store = LogStore.open(folder);
        Log log = store.log("x");
        log.append(new byte[1]);
        BlockView view = log.view(0).orElseThrow();
        store.close();
        store.close();
        assertThatThrownBy(() -> log.get(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> log.append(new byte[1])).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.log("x")).isInstanceOf(IllegalStateException.class);
        assertThat(view.bytes().get()).isZero();
        view.close();
        assertThatThrownBy(view::bytes).isInstanceOf(IllegalStateException.class);
        log.close();
    }

    @Test
    void aSmallLogTakesLittleRoom() throws IOException {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("x")) {
            for (int i = 0; i < 3; i++) {
                log.append(new byte[100]);
            }
            LogFolder place = LogFolder.of(folder, log.discoveryKey());
            for (FileKind kind :
                    List.of(FileKind.DATA, FileKind.TREE, FileKind.ENTRIES, FileKind.BITS, FileKind.HEAD)) {
                assertThat(Files.size(place.file(kind))).isLessThanOrEqualTo(132 << 10);
            }
            assertThat(log.storageUse()).isEqualTo(new Log.StorageUse(300, 200, 48, 8));
        }
    }
}
