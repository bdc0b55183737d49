package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of several logs that happen together. */
class AtomTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 13);

    @TempDir
    Path folder;

    private static LogStore open(Path place, Storage storage) {
        return LogStore.open(place, StoreOptions.defaults(), storage, SMALL);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static List<String> blocks(Log log) {
        List<String> blocks = new ArrayList<>();
        for (long i = 0; i < log.length(); i++) {
            blocks.add(new String(log.get(i), UTF_8));
        }
        return blocks;
    }

    @Test
    void nothingIsSeenBeforeTheCommitAndAllOfItAfterwards() {
        try (LogStore store = LogStore.open(folder)) {
            Log tree = store.log("tree");
            Log blobs = store.log("blobs");
            tree.append(List.of(ByteBuffer.wrap(bytes("a")), ByteBuffer.wrap(bytes("b"))));
            List<String> events = new ArrayList<>();
            tree.listen(new LogListener() {
                @Override
                public void truncated(Log log, long length, long fork) {
                    events.add("truncated " + length + " " + fork);
                }

                @Override
                public void headChanged(Log log) {
                    events.add("head " + log.length());
                }

                @Override
                public void blocksStored(Log log, long start, long count) {
                    events.add("stored " + start + " " + count);
                }
            });
            try (Atom atom = store.atom()) {
                assertThat(atom.append(blobs, bytes("blob"))).isEqualTo(1);
                assertThat(atom.append(tree, bytes("c"))).isEqualTo(3);
                atom.truncate(tree, 1);
                byte[] mine = bytes("d");
                assertThat(atom.append(tree, mine)).isEqualTo(2);
                mine[0] = 'x';
                assertThat(atom.get(tree, 0)).isEqualTo(bytes("a"));
                assertThat(atom.get(tree, 1)).isEqualTo(bytes("d"));
                assertThatThrownBy(() -> atom.get(tree, 2)).extracting("code").isEqualTo("ERR_NOT_FOUND");
                assertThat(blocks(tree)).containsExactly("a", "b");
                assertThat(blobs.length()).isZero();
                assertThat(events).isEmpty();
                atom.commit();
                assertThatThrownBy(() -> atom.append(tree, bytes("e"))).isInstanceOf(IllegalStateException.class);
            }
            assertThat(blocks(tree)).containsExactly("a", "d");
            assertThat(blocks(blobs)).containsExactly("blob");
            assertThat(tree.fork()).isEqualTo(1);
            assertThat(blobs.fork()).isZero();
            assertThat(events).containsExactly("truncated 1 1", "head 2", "stored 1 1");
        }
        try (LogStore store = LogStore.open(folder)) {
            assertThat(blocks(store.log("tree"))).containsExactly("a", "d");
            assertThat(LogAudit.run(store.log("tree")).ok()).isTrue();
            assertThat(LogAudit.run(store.log("blobs")).ok()).isTrue();
        }
    }

    @Test
    void aLogThatChangedMeanwhileMakesTheWholeAtomFail() {
        try (LogStore store = LogStore.open(folder)) {
            Log first = store.log("first");
            Log second = store.log("second");
            Atom atom = store.atom();
            atom.append(first, bytes("1"));
            atom.append(second, bytes("2"));
            second.append(bytes("other"));
            assertThatThrownBy(atom::commit).extracting("code").isEqualTo(Atom.CHANGED);
            assertThat(first.length()).isZero();
            assertThat(blocks(second)).containsExactly("other");
            first.append(bytes("goes on"));
            assertThat(first.length()).isEqualTo(1);
        }
    }

    @Test
    void anAtomThatIsClosedOrEmptyChangesNothing() {
        try (LogStore store = LogStore.open(folder)) {
            Log log = store.log("log");
            try (Atom atom = store.atom()) {
                atom.append(log, bytes("1"));
            }
            Atom empty = store.atom();
            assertThat(empty.length(log)).isZero();
            empty.commit();
            assertThat(log.length()).isZero();
            assertThat(log.fork()).isZero();
        }
    }

    @Test
    void logsOfOthersAndOfOtherStoresAreRefused() {
        try (LogStore store = LogStore.open(folder.resolve("a"));
                LogStore other = LogStore.open(folder.resolve("b"));
                Atom atom = store.atom()) {
            Log foreign = other.log("log");
            assertThatThrownBy(() -> atom.append(foreign, bytes("1"))).isInstanceOf(IllegalArgumentException.class);
            Log reader = store.log(foreign.key());
            assertThatThrownBy(() -> atom.append(reader, bytes("1")))
                    .extracting("code")
                    .isEqualTo("ERR_NOT_WRITABLE");
            assertThatThrownBy(() -> atom.truncate(store.log("short"), 1))
                    .extracting("code")
                    .isEqualTo("BAD_ARGUMENT");
        }
    }

    // ---- random atoms against lists

    /** A log as it should be, and what is staged for it. */
    private static final class Model {

        private List<String> blocks = new ArrayList<>();
        private long fork;
        private List<String> staged = List.of();
        private int kept;
        private boolean cut;

        /** Whether anything is staged. */
        boolean touched() {
            return cut || staged.size() > kept;
        }

        void begin() {
            staged = new ArrayList<>(blocks);
            kept = blocks.size();
            cut = false;
        }

        void truncate(int length) {
            staged.subList(length, staged.size()).clear();
            if (length <= kept) {
                kept = length;
                cut = true;
            }
        }

        void append(String block) {
            staged.add(block);
        }

        void commit() {
            blocks = staged;
            fork += cut ? 1 : 0;
        }
    }

    @Property
    void logsAreListsThatMoveTogether(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        Path place = Files.createTempDirectory("atom-model");
        Storage storage = new PowerLossStorage(place);
        LogStore store = open(place, storage);
        try {
            List<Model> models = List.of(new Model(), new Model(), new Model());
            for (int step = random.nextInt(7); step > 0; step--) {
                List<Log> logs = List.of(store.log("0"), store.log("1"), store.log("2"));
                models.forEach(Model::begin);
                Atom atom = store.atom();
                for (int i = random.nextInt(6); i > 0; i--) {
                    change(atom, logs, models, random);
                }
                switch (random.nextInt(5)) {
                    case 0 -> atom.close();
                    case 1 -> {
                        atom.length(logs.get(0));
                        logs.get(0).append(bytes("clash"));
                        models.get(0).blocks.add("clash");
                        if (models.get(0).touched()) {
                            assertThatThrownBy(atom::commit).extracting("code").isEqualTo(Atom.CHANGED);
                        }
                        atom.close();
                    }
                    default -> {
                        atom.commit(random.nextInt(40) == 0 ? Durability.DATA : Durability.NONE);
                        models.forEach(Model::commit);
                    }
                }
                if (random.nextInt(4) == 0) {
                    store.close();
                    store = open(place, storage);
                }
                compare(store, models);
            }
            for (int i = 0; i < 3; i++) {
                assertThat(LogAudit.run(store.log(String.valueOf(i))).bad()).isEmpty();
            }
        } finally {
            store.close();
            LogModelTest.delete(place);
        }
    }

    private static void change(Atom atom, List<Log> logs, List<Model> models, Random random) {
        int one = random.nextInt(3);
        Model model = models.get(one);
        if (random.nextInt(4) == 0) {
            int length = random.nextInt(model.staged.size() + 1);
            atom.truncate(logs.get(one), length);
            model.truncate(length);
        } else {
            String block = "x".repeat(random.nextInt(60)) + random.nextInt();
            atom.append(logs.get(one), bytes(block));
            model.append(block);
        }
        assertThat(atom.length(logs.get(one))).isEqualTo(model.staged.size());
    }

    private static void compare(LogStore store, List<Model> models) {
        for (int i = 0; i < 3; i++) {
            Log log = store.log(String.valueOf(i));
            assertThat(blocks(log)).isEqualTo(models.get(i).blocks);
            assertThat(log.fork()).isEqualTo(models.get(i).fork);
            assertThat(log.contiguousLength()).isEqualTo(log.length());
            assertThat(log.presentCount()).isEqualTo(log.length());
        }
    }

    // ---- failures

    /** What a loss of power may leave of a journal that was made by an atom without durability. */
    @ParameterizedTest
    @ValueSource(ints = {0, 64, 72, 300})
    void aJournalThatCameBackWithoutItsContentSaysNothing(int length) throws IOException {
        try (LogStore store = LogStore.open(folder)) {
            store.log("log").append(bytes("before"));
        }
        Files.write(folder.resolve("journal"), new byte[length]);
        for (int opening = 0; opening < 2; opening++) {
            try (LogStore store = LogStore.open(folder);
                    Atom atom = store.atom()) {
                atom.append(store.log("log"), bytes("after"));
                atom.commit();
            }
        }
        try (LogStore store = LogStore.open(folder)) {
            assertThat(blocks(store.log("log"))).containsExactly("before", "after", "after");
        }
    }

    @ParameterizedTest
    @EnumSource(FaultyStorage.Fault.class)
    void anAtomThatFailsAnywhereHappensAsAWholeOrNotAtAll(FaultyStorage.Fault fault) throws IOException {
        Files.createDirectories(folder.resolve("store"));
        int before = 0;
        int after = 0;
        boolean ended = false;
        for (long at = 1; !ended; at++) {
            Durability durability = at % 2 == 0 ? Durability.NONE : Durability.DATA;
            Path place = folder.resolve("store");
            PowerLossStorage memory = new PowerLossStorage(place);
            try (LogStore store = open(place, memory)) {
                for (int i = 0; i < 9; i++) {
                    store.log("cut").append(bytes("cut " + i));
                    store.log("grown").append(bytes("grown " + i));
                }
            }
            boolean acknowledged = false;
            boolean failed = false;
            LogStore store = null;
            try {
                store = open(place, new FaultyStorage(fault, at, memory));
                Atom atom = store.atom();
                atom.truncate(store.log("cut"), 4);
                for (int i = 0; i < 7; i++) {
                    atom.append(store.log("cut"), bytes("new " + i));
                    atom.append(store.log("grown"), bytes("more " + i));
                }
                atom.append(store.log("made"), bytes("first"));
                atom.commit(durability);
                acknowledged = true;
            } catch (FaultyStorage.Killed | StorageException e) {
                failed = true;
            }
            try {
                if (store != null) {
                    store.close();
                }
            } catch (FaultyStorage.Killed | StorageException e) {
                failed = true;
            }
            ended = !failed;
            for (int opening = 0; opening < 2; opening++) {
                try (LogStore again = open(place, memory)) {
                    boolean done = again.log("cut").fork() == 1;
                    assertThat(done || !acknowledged).isTrue();
                    assertThat(again.log("cut").length()).isEqualTo(done ? 11 : 9);
                    assertThat(blocks(again.log("cut")).get(4)).isEqualTo(done ? "new 0" : "cut 4");
                    assertThat(blocks(again.log("grown"))).hasSize(done ? 16 : 9);
                    assertThat(blocks(again.log("made"))).hasSize(done ? 1 : 0);
                    for (String name : List.of("cut", "grown", "made")) {
                        assertThat(LogAudit.run(again.log(name)).bad()).isEmpty();
                        again.log(name).close();
                    }
                    if (opening == 0) {
                        before += done ? 0 : 1;
                        after += done ? 1 : 0;
                    }
                }
            }
        }
        assertThat(before).isPositive();
        assertThat(after).isPositive();
        System.out.println("atom " + fault + ": " + (before + after) + " cuts, " + after + " of them done");
    }
}
