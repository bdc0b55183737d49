package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.Reorg;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One scripted run over two own logs and a sparse reader (append, truncate, clear, atoms over both logs, a reorg, user
 * data, logs that go idle), failed at each of its changes to the disk in turn. Where the process survives, the run goes on
 * after the failure with the same open store: each further change is made or refused with a reason. In the end, whatever
 * happened: what was acknowledged is there, nothing that was not is seen, all of it verifies, and more can be written.
 */
@Tag("exhaustive")
class FaultTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 13);

    /** One log more than are mapped. */
    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withPrimaryKey(new byte[32]).withMappedLogs(2);

    private static final int COMMON = 11;

    @TempDir
    Path folder;

    /** The log that the reader follows, before and after it was truncated and grew again. */
    private Log before;

    private Log after;

    @BeforeEach
    void makeSource() throws Exception {
        before = source("before");
        after = source("after");
        after.truncate(COMMON);
        grow(after, 13);
    }

    private Log source(String place) {
        StoreOptions own = StoreOptions.defaults().withPrimaryKey(new byte[32]);
        Log log = LogStore.open(folder.resolve(place), own).log("source");
        grow(log, 33);
        return log;
    }

    private static void grow(Log log, int count) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(ByteBuffer.wrap(("block " + (log.length() + i) + " of fork " + log.fork()).getBytes(UTF_8)));
        }
        log.append(blocks);
    }

    // ---- what must be there

    /** Content of one own log: what it has, and what it may have instead after a change that failed. */
    private static final class Content {

        private List<String> now = List.of();
        private List<String> next = List.of();

        /** Whether {@link #next} lacks some blocks of {@link #now}, which may go one by one. */
        private boolean clearing;

        private boolean allows(List<String> found) {
            if (found.equals(now) || found.equals(next)) {
                return true;
            }
            if (!clearing || found.size() != now.size()) {
                return false;
            }
            for (int i = 0; i < found.size(); i++) {
                if (!found.get(i).equals(now.get(i)) && !found.get(i).equals(next.get(i))) {
                    return false;
                }
            }
            return true;
        }

        void done() {
            now = next;
            clearing = false;
        }
    }

    private final class Run {

        private final Content own = new Content();
        private final Content other = new Content();
        private final Set<Long> fetched = new TreeSet<>();
        private boolean atom;
        private boolean moving;
        private boolean moved;
        private String note = "";
        private String nextNote = "";
        private int serial;

        /** One step of the script; false when it failed. */
        private boolean step(FaultyStorage.Fault fault, Runnable step) {
            try {
                step.run();
                return true;
            } catch (StorageException e) {
                checkAlive(fault);
                boolean full = fault != FaultyStorage.Fault.ERROR;
                assertThat(e.code()).isEqualTo(full ? "ERR_STORAGE_FULL" : "ERR_STORAGE");
                assertThat(e.getMessage()).containsAnyOf("Cannot write ", "open it again", "open the store again");
                return false;
            }
        }

        private String block(int index) {
            return "block " + index + " " + serial++ + " " + "x".repeat(index * 11 % 700);
        }

        private List<String> longer(List<String> blocks, int count) {
            List<String> wanted = new ArrayList<>(blocks);
            for (int i = 0; i < count; i++) {
                wanted.add(block(wanted.size()));
            }
            return wanted;
        }

        private void append(Log log, Content content, int count, Durability durability) {
            content.next = longer(content.now, count);
            log.append(buffers(content.next.subList(content.now.size(), content.next.size())), durability);
            content.done();
        }

        private void truncate(Log log, Content content, int length) {
            content.next = List.copyOf(content.now.subList(0, Math.min(length, content.now.size())));
            log.truncate(content.next.size());
            content.done();
        }

        private void clear(Log log, Content content, int start, int end) {
            content.next = new ArrayList<>(content.now);
            int limit = Math.min(end, content.now.size());
            if (start < limit) {
                Collections.fill(content.next.subList(start, limit), "");
                content.clearing = true;
            }
            log.clear(start, end);
            content.done();
        }

        /** Cuts the first log where {@code keep} is not negative, appends to both. */
        private void atom(LogStore store, Log first, Log second, int keep, Durability durability) {
            List<String> base = keep < 0 ? own.now : own.now.subList(0, Math.min(keep, own.now.size()));
            own.next = longer(base, 2);
            other.next = longer(other.now, 3);
            atom = true;
            try (Atom change = store.atom()) {
                if (keep >= 0) {
                    change.truncate(first, base.size());
                }
                change.append(first, buffers(own.next.subList(base.size(), own.next.size())));
                change.append(second, buffers(other.next.subList(other.now.size(), other.next.size())));
                change.commit(durability);
            }
            atom = false;
            own.done();
            other.done();
        }

        private void follow(Log reader, Log source, int step) {
            if (reader.length() == 0) {
                reader.apply(SparseLogTest.upgrade(source, reader));
            }
            for (long block = step; block < source.length(); block += step) {
                reader.apply(SparseLogTest.fetch(source, reader, block));
                fetched.add(block);
            }
        }

        private void move(Log reader) {
            Proof whole =
                    after.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, after.length()), true));
            LogReorg reorg = reader.reorg(whole);
            for (Reorg.Want want = reorg.want(); want != null; want = reorg.want()) {
                assertThat(reorg.update(after.prove(want.request(want.start()))))
                        .isTrue();
            }
            moving = true;
            assertThat(reorg.apply()).isTrue();
            moving = false;
            moved = true;
            fetched.clear();
        }

        /** The script up to a failure, then some more with the same open store. */
        void play(Path place, FaultyStorage storage, FaultyStorage.Fault fault) {
            LogStore[] opened = new LogStore[1];
            if (!step(fault, () -> opened[0] = LogStore.open(place, OPTIONS, storage, SMALL))) {
                opened[0] = LogStore.open(place, OPTIONS, storage, SMALL);
            }
            try (LogStore store = opened[0];
                    Log first = open(store, fault, "own");
                    Log second = open(store, fault, "other");
                    Log reader = open(store, fault, null)) {
                List<Runnable> script = List.of(
                        () -> append(first, own, 1, Durability.NONE),
                        () -> append(first, own, 4, Durability.DATA),
                        () -> follow(reader, before, 8),
                        () -> atom(store, first, second, -1, Durability.NONE),
                        () -> truncate(first, own, 3),
                        () -> append(first, own, 12, Durability.NONE),
                        () -> clear(first, own, 9, 14),
                        () -> note(first, "noted"),
                        () -> atom(store, first, second, 7, Durability.FULL),
                        () -> move(reader),
                        () -> follow(reader, after, 9),
                        () -> append(second, other, 2, Durability.FULL));
                for (Runnable one : script) {
                    if (!step(fault, one)) {
                        assertReadable(first, own);
                        assertReadable(second, other);
                        goOn(fault, first, second, reader);
                        break;
                    }
                }
            } catch (StorageException e) {
                checkAlive(fault);
            }
        }

        /** A log that is stopped by whatever it is says so by a {@link StorageException}. */
        private static void checkAlive(FaultyStorage.Fault fault) {
            if (!fault.isError()) {
                throw new FaultyStorage.Killed();
            }
        }

        private Log open(LogStore store, FaultyStorage.Fault fault, String name) {
            Log[] log = new Log[1];
            Runnable open = () -> log[0] = name == null ? store.log(before.key()) : store.log(name);
            if (!step(fault, open)) {
                open.run(); // The fault has passed.
            }
            return log[0];
        }

        private void note(Log log, String text) {
            nextNote = text;
            log.userData("note", text.getBytes(UTF_8));
            note = text;
        }

        /** Whatever failed, what is seen of a log that is open was there, or was to come. */
        private void assertReadable(Log log, Content content) {
            for (int i = 0; i < log.length(); i++) {
                if (log.has(i)) {
                    String found = new String(log.get(i), UTF_8);
                    assertThat(i < content.now.size() && found.equals(content.now.get(i))
                                    || i < content.next.size() && found.equals(content.next.get(i)))
                            .as("block %d: %.20s", i, found)
                            .isTrue();
                }
            }
        }

        /** The fault has passed: each log takes more, or says why not. */
        private void goOn(FaultyStorage.Fault fault, Log first, Log second, Log reader) {
            int went = 0;
            for (Log log : List.of(first, second)) {
                Content content = log.equals(first) ? own : other;
                List<String> pending = content.next;
                boolean clearing = content.clearing;
                if (step(fault, () -> append(log, content, 1, Durability.NONE))) {
                    assertThat(content.now).hasSize((int) log.length());
                    went++;
                } else {
                    content.next = pending; // It was refused before anything was written.
                    content.clearing = clearing;
                }
            }
            if (atom && went > 0) {
                // One log takes more, so the atom was given up before it began, for the other log, too.
                own.next = own.now;
                other.next = other.now;
                atom = false;
            }
            step(fault, () -> {
                if (reader.fork() == 0) {
                    follow(reader, before, 6);
                }
            });
        }

        /** What a new process finds. */
        void check(Path place, PowerLossStorage storage) {
            for (int opening = 0; opening < 2; opening++) {
                try (LogStore store = LogStore.open(place, OPTIONS, storage, SMALL);
                        Log first = store.log("own");
                        Log second = store.log("other");
                        Log reader = store.log(before.key())) {
                    List<String> ofFirst = blocks(first);
                    List<String> ofSecond = blocks(second);
                    assertThat(own.allows(ofFirst)).as("own: %s", ofFirst).isTrue();
                    assertThat(other.allows(ofSecond)).as("other: %s", ofSecond).isTrue();
                    if (atom) {
                        assertThat(ofFirst.equals(own.next)).isEqualTo(ofSecond.equals(other.next));
                    }
                    byte[] found = first.userData("note");
                    assertThat(found == null ? "" : new String(found, UTF_8)).isIn(note, nextNote);
                    checkReader(reader);
                    for (Log log : List.of(first, second, reader)) {
                        assertThat(LogAudit.run(log).bad()).isEmpty();
                    }
                    atom = false;
                    own.now = ofFirst;
                    other.now = ofSecond;
                    append(first, own, 2, Durability.NONE);
                    append(second, other, 1, Durability.NONE);
                }
            }
        }

        private void checkReader(Log reader) {
            assertThat(reader.fork()).isIn(moved ? 1L : 0L, moved || moving ? 1L : 0L);
            Log source = reader.fork() == 0 ? before : after;
            assertThat(reader.length()).isIn(0L, source.length());
            for (long block = 0; block < reader.length(); block++) {
                if (reader.has(block)) {
                    assertThat(reader.get(block)).isEqualTo(source.get(block));
                } else if (reader.fork() == (moved ? 1 : 0)) {
                    assertThat(fetched).doesNotContain(block);
                }
            }
        }
    }

    private static List<ByteBuffer> buffers(List<String> blocks) {
        return blocks.stream()
                .map(block -> ByteBuffer.wrap(block.getBytes(UTF_8)))
                .toList();
    }

    private static List<String> blocks(Log log) {
        List<String> found = new ArrayList<>();
        for (long i = 0; i < log.length(); i++) {
            found.add(log.has(i) ? new String(log.get(i), UTF_8) : "");
        }
        return found;
    }

    /** Plays the script with a fault at change {@code at}; the number of changes made. */
    private long play(FaultyStorage.Fault fault, long at) {
        Path place = folder.resolve("store");
        PowerLossStorage storage = new PowerLossStorage(place);
        FaultyStorage faulty = new FaultyStorage(fault, at, storage);
        Run run = new Run();
        try {
            run.play(place, faulty, fault);
        } catch (FaultyStorage.Killed e) {
            assertThat(fault.isError()).isFalse();
        }
        run.check(place, storage);
        return faulty.changes();
    }

    @ParameterizedTest
    @EnumSource(FaultyStorage.Fault.class)
    void nothingAcknowledgedIsLostWhereverTheRunFails(FaultyStorage.Fault fault) throws Exception {
        Files.createDirectories(folder.resolve("store"));
        long changes = play(fault, Long.MAX_VALUE);
        assertThat(changes).isGreaterThan(300);
        for (long at = 1; at <= changes; at++) {
            try {
                play(fault, at);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(fault + " at change " + at, e);
            }
        }
        System.out.println("fault " + fault + ": at each of " + changes + " changes");
    }
}
