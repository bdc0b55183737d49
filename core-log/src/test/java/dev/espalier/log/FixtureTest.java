package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.Conflict;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.ProofVerifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A store written by version 1 of the format, in {@code fixtures/store-1.zip}: every later version opens it and finds what
 * is in it. The file is never written again; a new version of the format gets another beside it.
 *
 * <p>It holds a store twice: {@code closed}, and {@code open} as it was on the disk before it was closed, the way a kill
 * leaves it. Files are sparse; the archive holds their zeros in a few bytes.
 */
class FixtureTest {

    private static final String FIXTURE = "/fixtures/store-1.zip";
    private static final byte[] PRIMARY_KEY = "fixture store, primary key, 32 b".getBytes(UTF_8);
    private static final byte[] ENCRYPTION_KEY = "fixture store, encryption key 32".getBytes(UTF_8);
    private static final int SOURCE_BLOCKS = 33;
    private static final List<Long> FETCHED = List.of(0L, 7L, 20L, 21L);

    @TempDir
    Path folder;

    private static byte[] block(String log, long fork, long index) {
        return (log + ", fork " + fork + ", block " + index + " " + "-".repeat((int) (index * 97 % 600)))
                .getBytes(UTF_8);
    }

    private static void append(Log log, String name, int count) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (long i = log.length(); i < log.length() + count; i++) {
            blocks.add(ByteBuffer.wrap(block(name, log.fork(), i)));
        }
        log.append(blocks);
    }

    // ---- written once

    /** Run once for each version of the format: {@code -Despalier.fixture.write=<folder for the archive>}. */
    @Test
    @EnabledIfSystemProperty(named = "espalier.fixture.write", matches = ".+")
    void write() throws IOException {
        Path target = Path.of(System.getProperty("espalier.fixture.write"), "store-" + FileHeader.VERSION + ".zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(target));
                LogStore elsewhere = LogStore.open(folder.resolve("elsewhere"), options())) {
            Log source = elsewhere.log("source");
            append(source, "source", SOURCE_BLOCKS);
            Log twice = elsewhere.log("frozen");
            append(twice, "signed twice", 2);
            try (LogStore store = LogStore.open(folder.resolve("closed"), options())) {
                fill(store, source, twice);
            }
            pack(zip, "closed");
            try (LogStore store = LogStore.open(folder.resolve("open"), options())) {
                fill(store, source, twice);
                pack(zip, "open");
            }
        }
    }

    private static StoreOptions options() {
        return StoreOptions.defaults().withPrimaryKey(PRIMARY_KEY);
    }

    private static void fill(LogStore store, Log source, Log twice) {
        Log cut = store.log("cut");
        append(cut, "cut", 40);
        cut.truncate(17);
        append(cut, "cut", 3);
        cut.userData("note", "kept".getBytes(UTF_8));
        Log cleared = store.namespace("space").log("cleared");
        append(cleared, "cleared", 50);
        cleared.clear(5, 45);
        append(store.log("encrypted", LogOptions.encrypted(ENCRYPTION_KEY)), "encrypted", 9);
        Log sparse = store.log(source.key());
        sparse.apply(SparseLogTest.upgrade(source, sparse));
        FETCHED.forEach(block -> sparse.apply(SparseLogTest.fetch(source, sparse, block)));
        store.staticify(cut).close();
        Log frozen = store.log("frozen");
        append(frozen, "frozen", 2);
        frozen.freezeOnConflict(twice.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 2), false)));
        Log one = store.log("one");
        Log other = store.log("other");
        append(one, "one", 6);
        try (Atom atom = store.atom()) {
            atom.truncate(one, 4);
            atom.append(one, block("one", 1, 4));
            atom.append(other, block("other", 0, 0));
            atom.commit();
        }
    }

    /** Adds the files of a store, in an order that is always the same. */
    private void pack(ZipOutputStream zip, String name) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve(name))) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                ZipEntry entry = new ZipEntry(folder.relativize(file).toString());
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write(Files.readAllBytes(file));
                zip.closeEntry();
            }
        }
    }

    // ---- read by every version

    @BeforeEach
    void unpack() throws IOException {
        InputStream archive = FixtureTest.class.getResourceAsStream(FIXTURE);
        if (archive == null) {
            return; // It is about to be written.
        }
        try (ZipInputStream zip = new ZipInputStream(archive)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = folder.resolve("fixture").resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.write(file, zip.readAllBytes());
            }
        }
    }

    private static void assertBlocks(Log log, String name, long from, long end, long fork) {
        for (long i = from; i < end; i++) {
            assertThat(log.get(i, Duration.ZERO)).isEqualTo(block(name, fork, i));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"closed", "open"})
    void everythingInAStoreOfVersion1IsThere(String state) {
        for (int opening = 0; opening < 2; opening++) {
            try (LogStore store = LogStore.open(
                    folder.resolve("fixture").resolve(state), options().existing())) {
                List<Key> keys = store.discoveryKeys();
                assertThat(keys).hasSize(8);
                Log cut = store.log("cut");
                assertThat(cut.length()).isEqualTo(20 + opening);
                assertThat(cut.fork()).isEqualTo(1);
                assertBlocks(cut, "cut", 0, 17, 0);
                assertBlocks(cut, "cut", 17, cut.length(), 1);
                assertThat(cut.userData("note")).isEqualTo("kept".getBytes(UTF_8));
                assertThat(cut.treeHash(20))
                        .hasToString("7cba6aa4e5cfc2ff14c63d7d9ccf56d4c6b92928102fe9189ee59fa89e8d5616");

                Log cleared = store.namespace("space").log("cleared");
                assertThat(cleared.length()).isEqualTo(50);
                assertThat(cleared.presentCount()).isEqualTo(10);
                assertThat(cleared.contiguousLength()).isEqualTo(5);
                assertThat(cleared.nextPresent(5, 50)).isEqualTo(45);
                assertBlocks(cleared, "cleared", 0, 5, 0);
                assertBlocks(cleared, "cleared", 45, 50, 0);

                Log encrypted = store.log("encrypted", LogOptions.encrypted(ENCRYPTION_KEY));
                assertThat(encrypted.length()).isEqualTo(9);
                assertBlocks(encrypted, "encrypted", 0, 9, 0);
                try (Log stored = encrypted.session(LogOptions.PLAIN)) {
                    assertThat(stored.get(3)).isNotEqualTo(block("encrypted", 0, 3));
                }

                checkOfOthers(store, keys);
                checkFrozen(store.log("frozen"));
                assertThat(store.log("one").fork()).isEqualTo(1);
                assertThat(store.log("one").length()).isEqualTo(5);
                assertBlocks(store.log("one"), "one", 0, 4, 0);
                assertBlocks(store.log("one"), "one", 4, 5, 1);
                assertBlocks(store.log("other"), "other", 0, 1, 0);
                for (Key key : keys) {
                    assertThat(LogAudit.run(store.stored(key).orElseThrow()).bad())
                            .isEmpty();
                }
                append(cut, "cut", 1);
            }
        }
    }

    /** The sparse reader and the static log, which no name leads to. */
    private static void checkOfOthers(LogStore store, List<Key> keys) {
        Log sparse = null;
        Log fixed = null;
        for (Key key : keys) {
            Log log = store.stored(key).orElseThrow();
            if (!log.writable() && log.length() == SOURCE_BLOCKS) {
                sparse = log;
            } else if (!log.writable()) {
                fixed = log;
            }
        }
        assertThat(sparse).isNotNull();
        assertThat(sparse.presentCount()).isEqualTo(FETCHED.size());
        for (long block : FETCHED) {
            assertBlocks(sparse, "source", block, block + 1, 0);
        }
        assertThat(fixed).isNotNull();
        assertThat(fixed.length()).isEqualTo(20);
        assertThat(fixed.treeHash()).isEqualTo(store.log("cut").treeHash(20));
        assertBlocks(fixed, "cut", 17, 20, 1);
    }

    private static void checkFrozen(Log frozen) {
        assertBlocks(frozen, "frozen", 0, 2, 0);
        Conflict evidence = frozen.conflict().orElseThrow();
        assertThat(evidence.length()).isEqualTo(2);
        assertThat(Conflict.between(new ProofVerifier(frozen.key(), null), evidence.own(), evidence.other()))
                .isNotNull();
        assertThatThrownBy(() -> frozen.append(new byte[1])).extracting("code").isEqualTo("ERR_CONFLICT");
    }
}
