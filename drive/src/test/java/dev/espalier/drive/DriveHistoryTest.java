package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.LogStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriveHistoryTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path temp;

    private LogStore store;
    private Drive drive;

    @BeforeEach
    void open() {
        store = Stores.open(temp.resolve("store"));
        drive = Drive.open(store, "site");
    }

    @AfterEach
    void close() {
        drive.close();
        store.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> told(Iterable<Drive.HistoryItem> items) {
        List<String> told = new ArrayList<>();
        items.forEach(item -> told.add(item.seq() + (item.entry() == null ? " -" : " +") + item.path()));
        return told;
    }

    @Test
    void historyIsToldInEitherDirectionAndInParts() {
        drive.put("/a", utf8("1")).put("/b", utf8("2"));
        drive.btree().put(utf8("not an entry"), utf8("x"));
        drive.delete("/a").put("/c", utf8("3"));
        assertThat(told(drive.history(HistoryRange.ALL))).containsExactly("1 +/a", "2 +/b", "4 -/a", "5 +/c");
        assertThat(told(drive.history(HistoryRange.ALL.reversed().limit(2)))).containsExactly("5 +/c", "4 -/a");
        assertThat(told(drive.history(HistoryRange.of(2, 5)))).containsExactly("2 +/b", "4 -/a");
        assertThat(told(drive.history(HistoryRange.of(-2, Long.MAX_VALUE)))).containsExactly("4 -/a", "5 +/c");
        assertThat(told(drive.history(HistoryRange.of(1, -2)))).containsExactly("1 +/a", "2 +/b");
        assertThat(told(drive.history(HistoryRange.ALL.limit(0)))).isEmpty();
        assertThat(told(drive.history(HistoryRange.of(1, 0)))).isEmpty();
        assertThat(told(drive.checkout(3).history(HistoryRange.ALL))).containsExactly("1 +/a", "2 +/b");
    }

    @Test
    void aTailTellsWhatIsThereAndThenWhatComes() throws Exception {
        drive.put("/a", utf8("1"));
        try (DriveTail tail = drive.tail(0)) {
            assertThat(tail.next(LONG)).extracting(Drive.HistoryItem::path).isEqualTo("/a");
            assertThat(tail.next(Duration.ZERO)).isNull();
            Thread writer = new Thread(() -> drive.put("/b", utf8("2")).delete("/a"));
            writer.start();
            assertThat(tail.next(LONG)).extracting(Drive.HistoryItem::path).isEqualTo("/b");
            Drive.HistoryItem deletion = tail.next(LONG);
            assertThat(deletion).isNotNull();
            assertThat(deletion.path()).isEqualTo("/a");
            assertThat(deletion.entry()).isNull();
            writer.join();
            drive.truncate(2);
            assertThatThrownBy(() -> tail.next(LONG)).hasMessageContaining("was truncated");
        }
    }

    @Test
    void oneEntryIsWatchedAndNothingElse() throws Exception {
        drive.put("/dir/a", utf8("1"));
        try (DriveWatch watch = drive.watchEntry("dir/a")) {
            drive.put("/dir/a/below", utf8("x")).put("/dir/a0", utf8("x"));
            assertThat(watch.next(Duration.ZERO)).isNull();
            drive.delete("/dir/a");
            DriveWatch.Update update = watch.next(LONG);
            assertThat(update).isNotNull();
            assertThat(update.now().entry("/dir/a")).isNull();
            assertThat(update.before().entry("/dir/a")).isNotNull();
            drive.put("/dir/a", utf8("1"));
            assertThat(watch.next(LONG)).isNotNull();
        }
    }

    @Test
    void conditionsOfTheTreeAreAskedOnlyForKeysThatExist() {
        BTree tree = drive.btree();
        assertThat(tree.put(utf8("k"), utf8("1"), (previous, next) -> false)).isTrue();
        assertThat(tree.put(utf8("k"), utf8("1"), BTree.UNLESS_EQUAL)).isFalse();
        assertThat(tree.put(utf8("k"), utf8("2"), BTree.UNLESS_EQUAL)).isTrue();
        assertThat(tree.delete(utf8("k"), item -> item.seq() == 1)).isFalse();
        assertThat(tree.delete(utf8("other"), item -> true)).isFalse();
        assertThat(tree.version()).isEqualTo(3);
        assertThat(tree.delete(utf8("k"), item -> item.seq() == 2)).isTrue();
        assertThat(tree.snapshot().peek(KeyRange.ALL)).isNull();
    }

    @Test
    void theFileBehindALinkIsReadThroughItsEntry() {
        drive.put("/dir/file", utf8("bytes")).symlink("/l", "/dir/file");
        Entry behind = drive.resolve("/l");
        assertThat(behind).isNotNull();
        assertThat(drive.get(behind)).asString().isEqualTo("bytes");
        assertThat(drive.get("/l")).isNull();
    }
}
