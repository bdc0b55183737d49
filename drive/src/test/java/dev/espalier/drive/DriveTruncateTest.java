package dev.espalier.drive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Log;
import dev.espalier.log.LogListener;
import dev.espalier.log.LogStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A truncation moves both logs of a drive at once. */
class DriveTruncateTest {

    @TempDir
    Path folder;

    @Test
    void whereverAProcessEndsBothLogsAreTruncatedOrNone() throws Exception {
        List<Path> copies = new ArrayList<>();
        List<String> states = new ArrayList<>();
        try (LogStore store = LogStore.open(folder.resolve("store"));
                Drive drive = Drive.open(store, "drive")) {
            drive.put("/a", "first".getBytes(UTF_8));
            long version = drive.version();
            drive.put("/a", "second".getBytes(UTF_8));
            drive.put("/b", new byte[200_000]);
            LogListener copying = new LogListener() {
                @Override
                public void headChanged(Log log) {
                    states.add(drive.db().fork() + " " + drive.blobs().fork());
                    copies.add(copy(folder.resolve("copy" + copies.size())));
                }
            };
            try (AutoCloseable db = drive.db().listen(copying);
                    AutoCloseable blobs = drive.blobs().listen(copying)) {
                assertThat(List.of(db, blobs)).hasSize(2);
                drive.truncate(version);
            }
            assertThat(states).containsExactly("1 1", "1 1");
            assertThat(drive.blobs().length()).isEqualTo(1);
        }
        for (Path copy : copies) { // What a process leaves that is killed at this moment.
            try (LogStore store = LogStore.open(copy);
                    Drive drive = Drive.open(store, "drive")) {
                assertThat(drive.get("/a")).isEqualTo("first".getBytes(UTF_8));
                assertThat(drive.db().length()).isEqualTo(2);
                assertThat(drive.blobs().length()).isEqualTo(1);
                assertThat(drive.blobs().fork()).isEqualTo(1);
            }
        }
    }

    private Path copy(Path target) {
        Path source = folder.resolve("store");
        try (Stream<Path> all = Files.walk(source)) {
            for (Path path : all.toList()) {
                Files.copy(path, target.resolve(source.relativize(path).toString()));
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
