package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One scripted run over branches of a log, failed at its changes to the disk in turn: what was acknowledged is there
 * afterwards, nothing that was not is seen, and all of it can be written on.
 */
@Tag("exhaustive")
class BranchFaultTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 13);
    private static final String LOG = "the log";

    @TempDir
    Path folder;

    /** What the log and its branches hold, and may hold instead once the next step began; null for no branch. */
    private static final class Progress {

        private final Map<String, @Nullable List<String>> now = new TreeMap<>();
        private final Map<String, @Nullable List<String>> next = new TreeMap<>();

        List<String> get(String name) {
            List<String> content = now.get(name);
            assertThat(content).isNotNull();
            return content;
        }

        void step(String name, @Nullable List<String> wanted, Runnable change) {
            next.put(name, wanted);
            change.run();
            now.put(name, wanted);
        }

        void check(String name, @Nullable List<String> found) {
            assertThat(found).as(name).isIn(now.get(name), next.get(name));
        }
    }

    private static List<String> plus(List<String> content, String... more) {
        List<String> all = new ArrayList<>(content);
        all.addAll(List.of(more));
        return all;
    }

    private static List<ByteBuffer> blocks(String... texts) {
        return List.of(texts).stream()
                .map(text -> ByteBuffer.wrap(text.getBytes(UTF_8)))
                .toList();
    }

    private static void run(LogStore store, Progress progress) {
        Log log = store.log("log");
        List<String> all = progress.get(LOG);
        progress.step("left", all, () -> log.branch("left").close());
        try (LogBranch left = log.branch("left")) {
            progress.step("left", plus(all, "l0", "l1"), () -> left.append(blocks("l0", "l1")));
            List<String> kept = all.subList(0, 4);
            progress.step(LOG, kept, () -> log.truncate(4));
            progress.step(LOG, plus(kept, "x", "y"), () -> log.append(blocks("x", "y")));
            progress.step("left", plus(progress.get("left"), "l2"), () -> left.append(blocks("l2"), Durability.DATA));
        }
        progress.step("new", progress.get(LOG), () -> log.branch("new").close());
        try (LogBranch branch = log.branch("new")) {
            progress.step("new", plus(progress.get("new"), "n0", "n1"), () -> branch.append(blocks("n0", "n1")));
            progress.step(
                    LOG,
                    progress.get("new").subList(0, 7),
                    () -> log.commit(branch, CommitOptions.DEFAULT.withLength(7).withDurability(Durability.DATA)));
            progress.step("new", progress.get("new").subList(0, 5), () -> branch.truncate(5));
            progress.step("new", plus(progress.get("new"), "n2"), () -> branch.append(blocks("n2")));
        }
        progress.step(
                "new",
                progress.get(LOG).subList(0, 2),
                () -> log.newBranch("new", 2).close());
        progress.step("left", null, () -> log.deleteBranch("left"));
    }

    private static @Nullable List<String> content(Log log, String name) {
        if (!log.branches().contains(name)) {
            return null;
        }
        List<String> found = new ArrayList<>();
        try (LogBranch branch = log.branch(name)) {
            for (long i = 0; i < branch.length(); i++) {
                found.add(new String(branch.get(i), UTF_8));
            }
            branch.append(blocks("on"));
            branch.truncate(branch.length() - 1);
        }
        return found;
    }

    private static void check(Path place, Progress progress) {
        for (int opening = 0; opening < 2; opening++) {
            try (LogStore store = open(place, new HastyStorage())) {
                Log log = store.log("log");
                List<String> found = new ArrayList<>();
                for (long i = 0; i < log.length(); i++) {
                    found.add(new String(log.get(i), UTF_8));
                }
                progress.check(LOG, found);
                progress.check("left", content(log, "left"));
                progress.check("new", content(log, "new"));
                assertThat(LogAudit.run(log).bad()).isEmpty();
            }
        }
    }

    private static LogStore open(Path place, Storage storage) {
        return LogStore.open(place, StoreOptions.defaults().withPrimaryKey(new byte[32]), storage, SMALL);
    }

    private boolean fail(FaultyStorage.Fault fault, long at) {
        Path place = folder.resolve(fault + "-" + at);
        Progress progress = new Progress();
        List<String> first = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8");
        try (LogStore store = open(place, new HastyStorage())) {
            store.log("log").append(blocks(first.toArray(String[]::new)));
        }
        progress.step(LOG, first, () -> {});
        boolean failed = false;
        LogStore store = null;
        try {
            store = open(place, new FaultyStorage(fault, at));
            run(store, progress);
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
        check(place, progress);
        return failed;
    }

    @ParameterizedTest
    @EnumSource(FaultyStorage.Fault.class)
    void branchesAndTheirLogKeepWhatWasAcknowledgedWhereverTheRunFails(FaultyStorage.Fault fault) {
        int step = Integer.getInteger("espalier.fault.step", 7);
        int cuts = 0;
        for (long at = 1 + fault.ordinal(); fail(fault, at); at += step) {
            cuts++;
        }
        System.out.println("branch " + fault + ": " + cuts + " cuts");
        assertThat(cuts).isGreaterThan(20);
    }
}
