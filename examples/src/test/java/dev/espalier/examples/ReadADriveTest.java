package dev.espalier.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadADriveTest {

    @Test
    void theFirstVersionIsReadAsFiles(@TempDir Path folder) {
        assertThat(Printed.by(ReadADriveTest::run, folder.resolve("store")))
                .containsExactly("/index.html", "/lib/a.js", "<h1>sown</h1>");
    }

    private static void run(String... args) {
        try {
            ReadADrive.main(args);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
