package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Random operations on a store of some logs, of which few are mapped at a time, and on a map of names to lists: both tell
 * the same.
 */
@Tag("exhaustive")
class StoreModelTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 14);
    private static final int NAMES = 5;

    /** Something done to a store, most of it to one log of it. */
    sealed interface Action {}

    record Append(int log, int count) implements Action {}

    record Truncate(int log, int part) implements Action {}

    record Clear(int log, int from, int to) implements Action {}

    record Note(int log, boolean remove) implements Action {}

    record Together(int one, int other, boolean commit) implements Action {}

    record CloseLog(int log) implements Action {}

    record Reopen() implements Action {}

    @Provide
    Arbitrary<List<Action>> actions() {
        Arbitrary<Integer> log = Arbitraries.integers().between(0, NAMES - 1);
        Arbitrary<Integer> part = Arbitraries.integers().between(0, 100);
        return Arbitraries.<Action>frequencyOf(
                        Tuple.of(
                                8,
                                Combinators.combine(log, Arbitraries.integers().between(0, 9))
                                        .as(Append::new)),
                        Tuple.of(2, Combinators.combine(log, part).as(Truncate::new)),
                        Tuple.of(2, Combinators.combine(log, part, part).as(Clear::new)),
                        Tuple.of(
                                1,
                                Combinators.combine(log, Arbitraries.of(true, false))
                                        .as(Note::new)),
                        Tuple.of(
                                3,
                                Combinators.combine(log, log, Arbitraries.of(true, true, false))
                                        .as(Together::new)),
                        Tuple.of(2, log.map(CloseLog::new)),
                        Tuple.of(1, Arbitraries.just(new Reopen())))
                .list()
                .ofMaxSize(25);
    }

    /** What one log must say; a block that was cleared is null. */
    private static final class Model {

        private List<@Nullable String> blocks = new ArrayList<>();
        private long fork;
        private String note = "";

        List<String> grow(int count, int serial) {
            List<String> more = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                more.add(serial + "." + i + "-".repeat(serial * 13 % 300));
            }
            return more;
        }

        void truncate(int keep) {
            blocks.subList(keep, blocks.size()).clear();
            fork++;
        }
    }

    private static final class Subject {

        private final Path folder;
        private final Storage storage;
        private LogStore store;
        private final Map<Integer, Log> open = new HashMap<>();
        private final Map<Integer, Model> models = new HashMap<>();

        Subject(Path folder) {
            this.folder = folder;
            this.storage = new PowerLossStorage(folder);
            this.store = open();
        }

        private LogStore open() {
            StoreOptions options =
                    StoreOptions.defaults().withPrimaryKey(new byte[32]).withMappedLogs(2);
            return LogStore.open(folder, options, storage, SMALL);
        }

        /** Even ones live in a namespace, two of them under the names of odd ones. */
        Log log(int which) {
            models.computeIfAbsent(which, key -> new Model());
            return open.computeIfAbsent(
                    which, key -> (which % 2 == 0 ? store.namespace("space") : store).log("log " + which / 2));
        }

        void reopen() {
            store.close();
            open.clear();
            store = open();
        }
    }

    private static List<ByteBuffer> buffers(List<String> blocks) {
        return blocks.stream()
                .map(block -> ByteBuffer.wrap(block.getBytes(UTF_8)))
                .toList();
    }

    @Property
    void aStoreIsAMapOfLists(@ForAll("actions") List<Action> actions) throws IOException {
        Subject subject = new Subject(Files.createTempDirectory("store-model"));
        try {
            int serial = 0;
            for (Action action : actions) {
                run(subject, action, serial++);
                compare(subject);
            }
            for (int which : subject.models.keySet()) {
                assertThat(LogAudit.run(subject.log(which)).bad()).isEmpty();
            }
        } finally {
            subject.store.close();
            LogModelTest.delete(subject.folder);
        }
    }

    private static void run(Subject subject, Action action, int serial) {
        if (action instanceof Append append) {
            Log log = subject.log(append.log());
            Model model = subject.models.get(append.log());
            List<String> more = model.grow(append.count(), serial);
            model.blocks.addAll(more);
            assertThat(log.append(buffers(more))).isEqualTo(model.blocks.size());
        } else if (action instanceof Truncate truncate) {
            Log log = subject.log(truncate.log());
            Model model = subject.models.get(truncate.log());
            int keep = model.blocks.size() * truncate.part() / 100;
            log.truncate(keep);
            model.truncate(keep);
        } else if (action instanceof Clear clear) {
            Log log = subject.log(clear.log());
            Model model = subject.models.get(clear.log());
            int from = model.blocks.size() * Math.min(clear.from(), clear.to()) / 100;
            int to = model.blocks.size() * Math.max(clear.from(), clear.to()) / 100;
            log.clear(from, to);
            model.blocks.subList(from, to).replaceAll(block -> null);
        } else if (action instanceof Note note) {
            subject.models.computeIfAbsent(note.log(), key -> new Model());
            String text = note.remove() ? "" : "note " + serial;
            subject.log(note.log()).userData("note", note.remove() ? null : text.getBytes(UTF_8));
            subject.models.get(note.log()).note = text;
        } else if (action instanceof Together together) {
            together(subject, together, serial);
        } else if (action instanceof CloseLog close) {
            Log log = subject.open.remove(close.log());
            if (log != null) {
                log.close();
                assertThatThrownBy(log::length).isInstanceOf(IllegalStateException.class);
            }
        } else {
            subject.reopen();
        }
    }

    /** Cuts one log to half, appends to it and to another, which may be the same. */
    private static void together(Subject subject, Together action, int serial) {
        Log one = subject.log(action.one());
        Log other = subject.log(action.other());
        Model first = subject.models.get(action.one());
        Model second = subject.models.get(action.other());
        int keep = first.blocks.size() / 2;
        List<String> moreOfOne = first.grow(2, serial);
        List<String> moreOfOther = second.grow(1, serial);
        try (Atom atom = subject.store.atom()) {
            atom.truncate(one, keep);
            atom.append(one, buffers(moreOfOne));
            atom.append(other, buffers(moreOfOther));
            if (action.commit()) {
                atom.commit();
                first.truncate(keep);
                first.blocks.addAll(moreOfOne);
                second.blocks.addAll(moreOfOther);
            }
        }
    }

    private static void compare(Subject subject) {
        TreeSet<Key> keys = new TreeSet<>();
        subject.models.forEach((which, model) -> {
            Log log = subject.log(which);
            keys.add(log.discoveryKey());
            assertThat(log.length()).isEqualTo(model.blocks.size());
            assertThat(log.fork()).isEqualTo(model.fork);
            assertThat(log.presentCount())
                    .isEqualTo(model.blocks.stream().filter(Objects::nonNull).count());
            int absent = model.blocks.indexOf(null);
            assertThat(log.contiguousLength()).isEqualTo(absent < 0 ? model.blocks.size() : absent);
            for (int i = 0; i < model.blocks.size(); i++) {
                String block = model.blocks.get(i);
                assertThat(log.has(i)).isEqualTo(block != null);
                if (block != null) {
                    assertThat(new String(log.get(i, Duration.ZERO), UTF_8)).isEqualTo(block);
                }
            }
            byte[] note = log.userData("note");
            assertThat(note == null ? "" : new String(note, UTF_8)).isEqualTo(model.note);
        });
        assertThat(subject.store.discoveryKeys()).containsExactlyElementsOf(keys);
    }
}
