package dev.espalier.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ShareOverTcpTest {

    @Test
    @Timeout(120)
    void fetchesADriveAndWhatChangedInIt(@TempDir Path folder) throws IOException {
        List<String> lines = Printed.by(ShareOverTcp::main, folder);

        assertThat(lines)
                .startsWith("<h1>Espalier</h1>", "/about.html", "/index.html")
                .hasSize(4);
        // Three blocks of entries and two files.
        assertThat(lines.get(3)).isEqualTo("5 blocks came over the wire");
        assertThat(Files.readString(folder.resolve("site/about.html"))).isEqualTo("<p>A fruit tree trained flat.</p>");
        assertThat(Files.readString(folder.resolve("site/index.html"))).isEqualTo("<h1>Espalier</h1>");
    }
}
