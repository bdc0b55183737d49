package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with the world is said in one sentence with a code, and harms nothing. */
class BadInputTest {

    private static final String KEY = "q9sopzoqgas9usoiq7uzkkwngm5pzj4zo3n4esjwwbmw6offis8o";

    @TempDir
    Path folder;

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell(folder);
        shell.run("log", "create", "events");
        shell.input("one\ntwo\n").run("log", "append", "events", "--lines");
    }

    private void assertRefused(String code, String... typed) {
        Shell.Said human = shell.run(typed);
        assertThat(human.status()).as(human.out() + human.err()).isEqualTo(1);
        assertThat(human.err().lines()).hasSize(1);
        assertThat(human.err())
                .startsWith("espalier ")
                .contains("(" + code + ")")
                .doesNotContain("Exception");
        String[] withJson = Stream.concat(Stream.of("--json"), Stream.of(typed)).toArray(String[]::new);
        Shell.Said json = shell.run(withJson);
        assertThat(json.status()).isEqualTo(1);
        assertThat(json.code()).isEqualTo(code);
        assertThat(json.last().get("success").getAsBoolean()).isFalse();
    }

    private void assertStoreIsWhole() {
        assertThat(shell.run("log", "cat", "events").out()).isEqualTo("onetwo");
        assertThat(shell.run("log", "audit", "events").status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pear://nonsense",
                "pear://",
                "pear://1." + KEY,
                "http://" + KEY,
                KEY,
                "nonsense",
                "pear://" + KEY + ":80",
                "pear://me@" + KEY
            })
    void aWrongLink(String link) {
        assertRefused("ERR_INVALID_LINK", "stage", link, ".");
        assertRefused("ERR_INVALID_LINK", "seed", link, "--listen", "0");
        assertRefused("ERR_INVALID_LINK", "info", link);
        assertStoreIsWhole();
    }

    @Test
    void anUnknownLog() {
        assertRefused("ERR_NOT_FOUND", "log", "info", "nosuch");
        assertRefused("ERR_NOT_FOUND", "log", "cat", KEY);
        assertRefused("ERR_NOT_FOUND", "log", "append", "nosuch");
        assertRefused("ERR_NOT_FOUND", "log", "serve", "nosuch", "--listen", "0");
        assertRefused("ERR_NOT_FOUND", "log", "fetch", KEY);
        assertRefused("ERR_NOT_FOUND", "info", "pear://" + KEY);
        assertRefused("ERR_NOT_FOUND", "dump", "pear://" + KEY, "copy");
        assertStoreIsWhole();
    }

    @Test
    void aStoreThatIsNotThere() {
        assertRefused("ERR_NOT_FOUND", "log", "list", "--storage", "nowhere");
        assertRefused("ERR_NOT_FOUND", "stage", "pear://" + KEY, ".", "--storage", "nowhere");
        assertThat(folder.resolve("nowhere")).doesNotExist();
    }

    @Test
    void aFolderThatIsAFile() throws IOException {
        Files.writeString(folder.resolve("file"), "no folder");
        assertRefused("ERR_INVALID_PROJECT_DIR", "stage", ownLink(), "file");
        assertRefused("ERR_INVALID_INPUT", "dump", "pear://" + KEY, "file", "--listen", "0");
        Shell.Said store = shell.run("touch", "--storage", "file", "--json");
        assertThat(store.status()).isEqualTo(1);
        assertThat(store.code()).startsWith("ERR_");
        assertThat(store.out()).contains("file").doesNotContain("INTERNAL");
        assertStoreIsWhole();
    }

    private String ownLink() {
        return shell.run("touch").out().strip();
    }

    @Test
    void aFolderThatIsNotThere() {
        assertRefused("ERR_INVALID_PROJECT_DIR", "stage", ownLink(), "nowhere");
        assertRefused("ERR_INVALID_PROJECT_DIR", "stage", ownLink());
    }

    @Test
    void aStoreMadeByANewerVersion() throws IOException {
        Path file = folder.resolve("store/store");
        byte[] before = Files.readAllBytes(file);
        // The number of the format version: the header is magic, kind, version.
        changeVersion(file);
        Shell.Said said = shell.run("log", "list", "--json");
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.code()).isIn("ERR_UNSUPPORTED_VERSION", "ERR_CORRUPT");
        Files.write(file, before);
        assertStoreIsWhole();
    }

    private static void changeVersion(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[12] ^= 0x40;
        Files.write(file, bytes);
    }

    @Test
    void aCorruptHeader() throws IOException {
        Path file = folder.resolve("store/store");
        byte[] before = Files.readAllBytes(file);
        for (int at : new int[] {0, 5, before.length / 2, before.length - 1}) {
            byte[] bytes = before.clone();
            bytes[at] ^= 1;
            Files.write(file, bytes);
            Shell.Said said = shell.run("log", "list", "--json");
            assertThat(said.status()).as("byte %d", at).isEqualTo(1);
            assertThat(said.code()).isIn("ERR_CORRUPT", "ERR_UNSUPPORTED_VERSION");
        }
        Files.write(file, new byte[0]);
        assertThat(shell.run("log", "list", "--json").code()).isEqualTo("ERR_CORRUPT");
        Files.write(file, before);
        assertStoreIsWhole();
    }

    @Test
    void aBlockThatWasChangedOnDisk() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("store/logs"))) {
            Path data = files.filter(file -> file.getFileName().toString().equals("data"))
                    .findFirst()
                    .orElseThrow();
            try (FileChannel channel = FileChannel.open(data, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                long at = indexOf(data, "onetwo");
                channel.write(ByteBuffer.wrap(new byte[] {'O'}), at);
            }
        }
        Shell.Said said = shell.run("log", "audit", "events", "--json");
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.events("bad").get(0).get("kind").getAsString()).isEqualTo("block");
        assertThat(said.events("bad").get(0).get("index").getAsLong()).isZero();
        assertThat(said.code()).isEqualTo("ERR_CORRUPT");
    }

    private static long indexOf(Path file, String text) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void aWriteToALogOfSomebodyElse() {
        String key =
                shell.run("log", "info", "events", "--json").last().get("key").getAsString();
        Shell other = shell.store("other");
        try (Shell.Running server = shell.start("log", "serve", "--listen", "0", "--json")) {
            assertThat(other.run("log", "fetch", key, "--peer", server.address())
                            .status())
                    .isZero();
        }
        Shell.Said said = other.input("x").run("log", "append", key, "--json");
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.code()).isEqualTo("ERR_NOT_WRITABLE");
        Shell.Said staged = other.run("stage", "pear://" + key, ".", "--json");
        assertThat(staged.code()).isEqualTo("ERR_NOT_WRITABLE");
        assertThat(shell.run("stage", "pear://" + KEY, ".", "--json").code()).isEqualTo("ERR_NOT_WRITABLE");
        assertStoreIsWhole();
    }

    @Test
    void aPeerThatSpeaksGarbageOrStopsInTheMiddleHarmsNobodyElse() throws IOException {
        String key =
                shell.run("log", "info", "events", "--json").last().get("key").getAsString();
        Random random = new Random(11);
        try (Shell.Running server = shell.start("log", "serve", "--listen", "0", "--json")) {
            String address = server.address();
            int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
            for (int i = 0; i < 20; i++) {
                byte[] garbage = new byte[random.nextInt(200)];
                random.nextBytes(garbage);
                if (i % 2 == 0 && garbage.length > 3) {
                    // A frame that says it is longer than what follows.
                    garbage[0] = 100;
                    garbage[1] = 1;
                    garbage[2] = 0;
                }
                try (Socket socket = new Socket("127.0.0.1", port)) {
                    OutputStream out = socket.getOutputStream();
                    out.write(garbage);
                    out.flush();
                }
            }
            assertThat(shell.store("other")
                            .run("log", "fetch", key, "--peer", address)
                            .status())
                    .isZero();
            assertThat(server.isDone()).isFalse();
        }
        assertThat(shell.store("other").run("log", "cat", key).out()).isEqualTo("onetwo");
        assertStoreIsWhole();
    }

    @Test
    void aServerThatSpeaksGarbageIsNamedWhenTheTimeIsOver() throws Exception {
        try (ServerSocket garbage = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread speaker = new Thread(() -> {
                byte[] nonsense = new byte[500];
                new Random(2).nextBytes(nonsense);
                while (!garbage.isClosed()) {
                    try (Socket socket = garbage.accept()) {
                        socket.getOutputStream().write(nonsense);
                    } catch (IOException e) {
                        // The other side closed, or the test is over.
                    }
                }
            });
            speaker.setDaemon(true);
            speaker.start();
            String address = "127.0.0.1:" + garbage.getLocalPort();
            Shell.Said said = shell.run("log", "fetch", KEY, "--peer", address, "--timeout", "0.5", "--json");
            assertThat(said.status()).isEqualTo(1);
            assertThat(said.code()).isEqualTo("ERR_TIMEOUT");
        }
        assertStoreIsWhole();
    }

    @Test
    void aPeerThatIsNotThere() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            free = socket.getLocalPort();
        }
        Shell.Said said = shell.run("log", "fetch", KEY, "--peer", "127.0.0.1:" + free, "--timeout", "0.5", "--json");
        assertThat(said.code()).isEqualTo("ERR_TIMEOUT");
        assertThat(said.events("peer-unreachable")).isNotEmpty();
        assertThat(said.events("error").get(0).get("message").getAsString()).contains("127.0.0.1:" + free);
        assertRefused("ERR_INVALID_INPUT", "log", "fetch", KEY, "--peer", "no.such.host.invalid:1");
    }

    @Test
    void anAddressThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            assertRefused("ERR_LISTEN_FAILED", "log", "serve", "--listen", Integer.toString(taken.getLocalPort()));
        }
        assertStoreIsWhole();
    }

    @Test
    void aPackageJsonThatIsNone() throws IOException {
        String link = ownLink();
        for (String text : new String[] {"", "[1]", "{\"name\":", "{\"pear\":{\"stage\":{\"ignore\":7}}}"}) {
            Files.writeString(Files.createDirectories(folder.resolve("app")).resolve("package.json"), text);
            assertRefused("ERR_INVALID_MANIFEST", "stage", link, "app");
        }
        assertStoreIsWhole();
    }
}
