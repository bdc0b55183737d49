package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.Key;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handles that keep a log open without using it. */
class GuestTest {

    @TempDir
    Path folder;

    private final List<String> heard = new ArrayList<>();

    private final LogListener listener = new LogListener() {
        @Override
        public void unused(Log log) {
            heard.add("unused");
        }

        @Override
        public void closed(Log log) {
            heard.add("closed");
        }
    };

    @Test
    void aGuestKeepsALogOpenThatNobodyUses() throws Exception {
        try (LogStore store = LogStore.open(folder);
                AutoCloseable opened = store.onOpened(log -> heard.add("opened"))) {
            Log user = store.log("events");
            Log guest = user.guest();
            guest.listen(listener);
            assertThat(guest.used()).isTrue();
            user.append(new byte[] {1});
            user.close();
            assertThat(guest.length()).isEqualTo(1);
            assertThat(guest.used()).isFalse();
            Log again = store.log("events");
            again.close();
            guest.close();
            assertThat(heard).containsExactly("opened", "unused", "opened", "unused", "closed");
        }
    }

    @Test
    void aLogOpenedForAGuestIsNotSaidToBeOpened() throws Exception {
        Key discoveryKey;
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            discoveryKey = log.discoveryKey();
        }
        try (LogStore store = LogStore.open(folder);
                AutoCloseable opened = store.onOpened(log -> heard.add("opened"))) {
            Log guest = store.storedGuest(discoveryKey).orElseThrow();
            guest.listen(listener);
            assertThat(heard).isEmpty();
            try (Log user = store.stored(discoveryKey).orElseThrow()) {
                assertThat(user.key()).isEqualTo(guest.key());
                guest.close();
            }
            assertThat(heard).containsExactly("opened", "closed");
            assertThat(store.storedGuest(Key.of(new byte[32]))).isEmpty();
        }
    }

    @Test
    void onlyLogsInUseAreToldToWhoComesLater() throws Exception {
        try (LogStore store = LogStore.open(folder)) {
            Log first = store.log("first");
            Log guest = first.guest();
            first.close();
            Log second = store.log("second");
            List<Key> told = new ArrayList<>();
            store.onOpened(log -> told.add(log.key())).close();
            assertThat(told).containsExactly(second.key());
            guest.close();
            second.close();
        }
    }
}
