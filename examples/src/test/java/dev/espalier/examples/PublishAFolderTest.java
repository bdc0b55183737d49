package dev.espalier.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishAFolderTest {

    @Test
    void storesAFolderAndThenWhatChanged(@TempDir Path temporary) throws IOException {
        Path folder = Files.createDirectories(temporary.resolve("site/css")).getParent();
        Path storage = temporary.resolve("data");
        Files.writeString(folder.resolve("index.html"), "<h1>one</h1>");
        Files.writeString(folder.resolve("css/site.css"), "h1 {}");

        List<String> first = Printed.by(PublishAFolder::main, folder, storage);
        Files.writeString(folder.resolve("index.html"), "<h1>two!</h1>");
        List<String> second = Printed.by(PublishAFolder::main, folder, storage);

        assertThat(first).startsWith("2 files, 2 added, 0 changed, 0 removed", "/css/site.css 5", "/index.html 12");
        assertThat(second)
                .startsWith("2 files, 0 added, 1 changed, 0 removed", "/css/site.css 5", "/index.html 13")
                .filteredOn(line -> line.startsWith("since"))
                .singleElement()
                .asString()
                .endsWith(": /index.html");
        assertThat(first.get(first.size() - 1)).matches("pear://[a-z0-9]{52} is at version 3");
        assertThat(second.get(second.size() - 1))
                .isEqualTo(first.get(first.size() - 1).replaceFirst("3$", "4"));
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> PublishAFolder.main(new String[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("name the folder to publish");
    }
}
