package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCommandsTest {

    @TempDir
    Path folder;

    private Shell shell;
    private Golden golden;

    @BeforeEach
    void open() {
        shell = new Shell(folder);
        golden = new Golden(folder);
    }

    private Shell.Said type(String... arguments) {
        return type(shell, arguments);
    }

    private Shell.Said type(Shell in, String... arguments) {
        Shell.Said said = in.run(arguments);
        golden.note(said, arguments);
        return said;
    }

    @Test
    void logsAreMadeAppendedToAndRead() throws Exception {
        Files.write(folder.resolve("file.bin"), new byte[150_000]);
        type("log", "create", "events");
        type("log", "create", "events");
        type(shell.input("one\ntwo\n\nfour"), "log", "append", "events", "--lines", "--batch", "3");
        type("log", "append", "events", "file.bin", "--durability", "full");
        type("log", "append", "events", "file.bin", "--block-size", "100000");
        type("log", "get", "events", "0");
        type("log", "cat", "events", "--start", "1", "--end", "4");
        type("log", "info", "events");
        type("log", "list");
        type("log", "audit", "events");
        golden.check("log");
    }

    @Test
    void scriptsReadTheSameAsJson() throws Exception {
        Files.writeString(folder.resolve("lines.txt"), "one\ntwo\n\nfour");
        type("--json", "log", "create", "events");
        type("log", "append", "events", "lines.txt", "--lines", "--batch", "3", "--json");
        type("log", "get", "events", "0", "--json");
        type("log", "cat", "events", "--start", "2", "--json");
        type("log", "info", "events", "--json");
        type("log", "list", "--json");
        type("log", "audit", "events", "--json");
        golden.check("log-json");
    }

    @Test
    void logsAreCutAndBlocksGivenUp() {
        for (String json : new String[] {"", "--json"}) {
            shell.run("log", "create", "events" + json);
            shell.input("one\ntwo\nthree\nfour\n").run("log", "append", "events" + json, "--lines");
            String key = shell.run("log", "info", "events" + json, "--json")
                    .last()
                    .get("key")
                    .getAsString();
            typeAs(json, "log", "truncate", "events" + json, "3");
            typeAs(json, "log", "truncate", "events" + json, "3", "--fork", "7");
            typeAs(json, "log", "clear", key, "1", "100");
            typeAs(json, "log", "clear", key, "1", "2");
            typeAs(json, "log", "info", key);
            typeAs(json, "log", "audit", key);
            typeAs(json, "log", "truncate", "events" + json, "4");
            typeAs(json, "log", "truncate", "events" + json, "-1");
            typeAs(json, "log", "truncate", "events" + json, "2", "--fork", "7");
            typeAs(json, "log", "truncate", "other", "2");
            typeAs(json, "log", "clear", key, "2", "1");
        }
        golden.check("log-cut");
    }

    private void typeAs(String json, String... arguments) {
        typeAs(shell, json, arguments);
    }

    private void typeAs(Shell in, String json, String... arguments) {
        if (json.isEmpty()) {
            type(in, arguments);
        } else {
            String[] more = Arrays.copyOf(arguments, arguments.length + 1);
            more[arguments.length] = json;
            type(in, more);
        }
    }

    @Test
    void whatIsDamagedIsMendedOrFetchedAgain() throws Exception {
        shell.run("log", "create", "events");
        shell.input("one\ntwo\nthree\nfour\nfive\n").run("log", "append", "events", "--lines");
        String key =
                shell.run("log", "info", "events", "--json").last().get("key").getAsString();
        Shell other = shell.store("other");
        try (Shell.Running server = shell.start("log", "serve", "--listen", "0", "--json")) {
            other.run("log", "fetch", key, "--peer", server.address());
        }
        try (Shell.Running server = other.start("log", "serve", "--listen", "0", "--json")) {
            for (String json : new String[] {"", "--json"}) {
                damage("data", 4096 + (json.isEmpty() ? 3 : 6)); // block 1, then block 2
                damage("tree", 4096 + 40 + 7); // node 1
                typeAs(json, "log", "audit", "events");
                typeAs(json, "log", "audit", "events", "--repair");
                typeAs(json, "log", "audit", "events", "--repair");
                typeAs(json, "log", "fetch", key, "--peer", server.address());
                typeAs(json, "log", "audit", "events");
            }
            assertThat(shell.run("log", "cat", "events").out()).isEqualTo("onetwothreefourfive");
        }
        golden.check("log-repair");
    }

    private void damage(String name, long offset) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            Path file = files.filter(path -> path.endsWith(name)).findFirst().orElseThrow();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                ByteBuffer one = ByteBuffer.allocate(1);
                channel.read(one, offset);
                one.put(0, (byte) (one.get(0) ^ 0x55)).flip();
                channel.write(one, offset);
            }
        }
    }

    @Test
    void aBlockIsProvenByAFile() throws Exception {
        shell.run("log", "create", "events");
        shell.input("one\ntwo\nthree\nfour\n").run("log", "append", "events", "--lines");
        String key =
                shell.run("log", "info", "events", "--json").last().get("key").getAsString();
        shell.run("log", "create", "other");
        String other =
                shell.run("log", "info", "other", "--json").last().get("key").getAsString();
        type("log", "proof", "events", "--block", "2", "-o", "two.proof");
        type("log", "verify", "two.proof");
        type("log", "verify", "two.proof", "--key", key, "--extract", "two.txt", "--json");
        assertThat(folder.resolve("two.txt")).hasContent("three");
        type("log", "proof", "events", "--block", "2", "--length", "3", "-o", "early.proof", "--json");
        type("log", "verify", "early.proof", "--key", "pear://" + key);
        type("log", "verify", "two.proof", "--key", other);
        type("log", "verify", "two.proof", "--key", "events");
        type("log", "proof", "events", "--block", "4", "-o", "none.proof");
        type("log", "proof", "events", "--block", "3", "--length", "3", "-o", "none.proof");
        type("log", "proof", "events", "--block", "3", "--length", "5", "-o", "none.proof");
        type("log", "proof", "other", "--block", "0", "-o", "none.proof");
        shell.run("log", "clear", "events", "1", "2");
        type("log", "proof", "events", "--block", "1", "-o", "none.proof");
        type("log", "verify", "none.proof");
        assertThat(folder.resolve("none.proof")).doesNotExist();
        type("log", "verify", "two.txt");
        byte[] bytes = Files.readAllBytes(folder.resolve("two.proof"));
        bytes[100] ^= 1;
        Files.write(folder.resolve("changed.proof"), bytes);
        shell.run("log", "verify", "changed.proof");
        assertThat(shell.run("log", "verify", "changed.proof", "--json").code()).isEqualTo("ERR_INVALID_ENCODING");
        golden.check("log-proof");
    }

    @Test
    void aProofOnStandardOutputIsTheFileAndNothingElse() throws Exception {
        shell.run("log", "create", "events");
        shell.input("one\ntwo\n").run("log", "append", "events", "--lines");
        byte[] raw = shell.run("log", "proof", "events", "--block", "1").outBytes();
        Files.write(folder.resolve("raw.proof"), raw);
        assertThat(shell.run("log", "verify", "raw.proof").status()).isZero();
        Shell.Said json = shell.run("log", "proof", "events", "--block", "1", "--json");
        assertThat(Base64.getDecoder()
                        .decode(json.events("proof").get(0).get("value").getAsString()))
                .isEqualTo(raw);
        assertThat(json.last().get("bytes").getAsLong()).isEqualTo(raw.length);
    }

    @Test
    void aReaderForgetsALogByCuttingItToNothing() {
        shell.run("log", "create", "events");
        shell.input("one\ntwo\nthree\n").run("log", "append", "events", "--lines");
        String key =
                shell.run("log", "info", "events", "--json").last().get("key").getAsString();
        try (Shell.Running server = shell.start("log", "serve", "--listen", "0", "--json")) {
            Shell other = shell.store("other");
            other.run("log", "fetch", key, "--peer", server.address());
            assertThat(other.run("log", "truncate", key, "2", "--json").code()).isEqualTo("ERR_NOT_WRITABLE");
            assertThat(other.run("log", "truncate", key, "0").out()).isEqualTo("length 0, fork 0\n");
            other.run("log", "fetch", key, "--peer", server.address());
            assertThat(other.run("log", "cat", key).out()).isEqualTo("onetwothree");
            shell.run("log", "truncate", "events", "1");
            shell.input("other\n").run("log", "append", "events", "--lines");
            other.run("log", "fetch", key, "--peer", server.address());
            assertThat(other.run("log", "cat", key).out()).isEqualTo("oneother");
            assertThat(other.run("log", "info", key, "--json")
                            .last()
                            .get("fork")
                            .getAsLong())
                    .isEqualTo(1);
        }
    }

    @Test
    void whatIsWrongIsSaidInOneSentence() {
        type("log", "create", "events");
        type("log", "get", "events", "0");
        type("log", "get", "other", "0");
        type("log", "get", "events", "-1");
        type("log", "cat", "events", "--start", "3", "--end", "2");
        type("log", "append", "events", "no such file");
        type("log", "append", "events", "--block-size", "0");
        type("log", "append", "events", "--batch", "0");
        type("log", "fetch", "events");
        type("log", "serve", "events");
        type("log", "get", "events", "0", "--json");
        golden.check("log-failures");
    }

    @Test
    void blocksComeBackAsTheyWereWhateverTheirBytes() throws Exception {
        byte[] bytes = new byte[1_000_003];
        new Random(5).nextBytes(bytes);
        Files.write(folder.resolve("file.bin"), bytes);
        shell.run("log", "create", "bytes");
        shell.run("log", "append", "bytes", "file.bin", "--block-size", "4099", "--batch", "7");
        assertThat(shell.run("log", "cat", "bytes").outBytes()).isEqualTo(bytes);
        Shell.Said second = shell.run("log", "get", "bytes", "1", "--json");
        assertThat(Base64.getDecoder()
                        .decode(second.events("block").get(0).get("value").getAsString()))
                .isEqualTo(Arrays.copyOfRange(bytes, 4099, 8198));
    }

    @Test
    void everyAppendCallIsTold() throws Exception {
        Files.write(folder.resolve("file.bin"), new byte[10 * 1000]);
        shell.run("log", "create", "bytes");
        Shell.Said said =
                shell.run("log", "append", "bytes", "file.bin", "--block-size", "1000", "--batch", "4", "--json");
        assertThat(said.events("appended"))
                .extracting(data -> data.get("length").getAsLong())
                .containsExactly(4L, 8L, 10L);
    }

    @Test
    void aLogIsFetchedFromAnotherStore() {
        shell.run("log", "create", "events");
        shell.input("one\ntwo\nthree\n").run("log", "append", "events", "--lines");
        String key =
                shell.run("log", "info", "events", "--json").last().get("key").getAsString();
        try (Shell.Running server = shell.start("log", "serve", "events", "--listen", "0", "--json")) {
            String address = server.address();
            Shell other = shell.store("other");
            type(other, "log", "fetch", key, "--blocks", "1", "--peer", address);
            type(other, "log", "fetch", key, "--peer", address, "--json");
            type(other, "log", "cat", key);
            type(other, "log", "info", key);
            server.waitForEvent("upload");
        }
        golden.check("log-fetch");
    }

    @Test
    void aBlockIsFetchedWhenItIsAskedFor() {
        shell.run("log", "create", "events");
        shell.input("one\ntwo\nthree\n").run("log", "append", "events", "--lines");
        String key =
                shell.run("log", "info", "events", "--json").last().get("key").getAsString();
        try (Shell.Running server = shell.start("log", "serve", "--listen", "0", "--json")) {
            Shell other = shell.store("other");
            assertThat(other.run("log", "get", key, "1", "--peer", server.address())
                            .out())
                    .isEqualTo("two");
            assertThat(other.run("log", "get", key, "1").out()).isEqualTo("two");
            assertThat(other.run("log", "get", key, "2", "--json").code()).isEqualTo("ERR_NOT_FOUND");
        }
    }

    @Test
    void waitingForPeersEndsAfterTheTimeout() {
        String key = "q9sopzoqgas9usoiq7uzkkwngm5pzj4zo3n4esjwwbmw6offis8o";
        Shell.Said nobody = shell.run("log", "fetch", key, "--listen", "0", "--timeout", "0.2", "--json");
        assertThat(nobody.status()).isEqualTo(1);
        assertThat(nobody.code()).isEqualTo("ERR_TIMEOUT");
        shell.store("server").run("touch");
        try (Shell.Running server = shell.store("server").start("log", "serve", "--listen", "0", "--json")) {
            Shell.Said unknown =
                    shell.run("log", "fetch", key, "--peer", server.address(), "--timeout", "0.2", "--json");
            assertThat(unknown.code()).isEqualTo("ERR_TIMEOUT");
            assertThat(unknown.events("error").get(0).get("message").getAsString())
                    .contains(key);
        }
    }
}
