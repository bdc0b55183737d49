package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.LogStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a store that another one holds. */
class HolderTest {

    @TempDir
    Path folder;

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell(folder);
        shell.run("log", "create", "events");
    }

    private Shell.Running hold() {
        Shell.Running holder = shell.start("log", "serve", "--listen", "0", "--json");
        holder.waitForEvent("serving");
        return holder;
    }

    @Test
    void commandsSayTheSameThroughTheHolder() {
        Golden golden = new Golden(folder);
        try (Shell.Running holder = hold()) {
            String[][] typed = {
                {"log", "append", "events", "--lines"},
                {"log", "append", "events", "--lines", "--json"},
                {"log", "info", "events", "--json"},
                {"log", "cat", "events"},
                {"log", "cat", "events", "--json"},
                {"log", "get", "nosuch", "0"},
                {"log", "get", "nosuch", "0", "--json"},
                {"log", "list"},
                {"touch"},
                {"touch", "--json"},
            };
            for (String[] arguments : typed) {
                golden.note(shell.input("one\ntwo\n").run(arguments), arguments);
            }
            assertThat(holder.isDone()).isFalse();
        }
        golden.check("holder");
    }

    @Test
    void whatIsAppendedThroughTheHolderReachesItsPeersAtOnce() {
        String key =
                shell.run("log", "info", "events", "--json").last().get("key").getAsString();
        Shell other = shell.store("other");
        try (Shell.Running holder = hold();
                Shell.Running reader = other.start(
                        "log", "fetch", key, "--end", "2", "--timeout", "0", "--peer", holder.address(), "--json")) {
            reader.waitForEvent("peer-add");
            shell.input("one\ntwo\n").run("log", "append", "events", "--lines");
            assertThat(reader.end().last().get("length").getAsLong()).isEqualTo(2);
            assertThat(other.run("log", "cat", key).out()).isEqualTo("onetwo");
        }
    }

    @Test
    void largeInputAndOutputGoThroughTheHolder() {
        byte[] bytes = new byte[9_000_001];
        new Random(3).nextBytes(bytes);
        try (Shell.Running holder = hold()) {
            Shell.Said said = shell.input(new ByteArrayInputStream(bytes)).run("log", "append", "events", "--json");
            assertThat(said.last().get("bytes").getAsLong()).isEqualTo(bytes.length);
            assertThat(shell.run("log", "cat", "events").outBytes()).isEqualTo(bytes);
            assertThat(holder.isDone()).isFalse();
        }
    }

    @Test
    void pathsAreThoseOfTheFolderInWhichTheyWereTyped() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("file.txt"), "here");
        try (Shell.Running holder = hold()) {
            Shell typed = new Shell(elsewhere)
                    .with(StoreFolder.VARIABLE, folder.resolve("store").toString());
            assertThat(typed.run("log", "append", "events", "file.txt").status())
                    .isZero();
            assertThat(shell.run("log", "cat", "events").out()).isEqualTo("here");
            assertThat(holder.isDone()).isFalse();
        }
    }

    @Test
    void whoGoesAwayCancelsHisWorkAndNothingElse() throws IOException {
        try (Shell.Running holder = hold();
                PipedOutputStream typing = new PipedOutputStream()) {
            InputStream input = new PipedInputStream(typing);
            typing.write("one\n".getBytes(StandardCharsets.UTF_8));
            typing.flush();
            Shell.Running append =
                    shell.input(input).start("log", "append", "events", "--lines", "--batch", "1", "--json");
            append.waitForEvent("appended");
            append.interrupt();
            Shell.Said said = append.end();
            assertThat(said.status()).isEqualTo(130);
            assertThat(said.code()).isEqualTo("ERR_INTERRUPTED");
            assertThat(shell.run("log", "cat", "events").out()).isEqualTo("one");
            assertThat(holder.isDone()).isFalse();
        }
    }

    @Test
    void whenTheHolderEndsItsGuestsAreTold() {
        Shell.Running holder = hold();
        Shell.Running guest = shell.start(
                "log",
                "fetch",
                "q9sopzoqgas9usoiq7uzkkwngm5pzj4zo3n4esjwwbmw6offis8o",
                "--listen",
                "0",
                "--timeout",
                "0",
                "--json");
        guest.waitForEvent("listening");
        holder.interrupt();
        Shell.Said said = guest.end();
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.code()).isIn("ERR_INTERRUPTED", "ERR_HOLDER_ENDED");
        assertThat(holder.end().status()).isEqualTo(130);
        assertThat(shell.run("log", "list").status()).isZero();
    }

    @Test
    void theHolderLeavesNothingBehind() {
        try (Shell.Running holder = hold()) {
            assertThat(folder.resolve("store/holder/socket")).exists();
            assertThat(holder.isDone()).isFalse();
        }
        assertThat(folder.resolve("store/holder/socket")).doesNotExist();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void nobodyElseCanEnterTheFolderOfTheSocket() throws IOException {
        try (Shell.Running holder = hold()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("store/holder"))))
                    .isEqualTo("rwx------");
            assertThat(holder.isDone()).isFalse();
        }
    }

    @Test
    void aStoreWhosePathIsTooLongForASocketIsHeldAllTheSame() {
        Shell deep = shell.store("d".repeat(90) + "/" + "e".repeat(90));
        deep.run("log", "create", "events");
        try (Shell.Running holder = deep.start("log", "serve", "--listen", "0", "--json")) {
            holder.waitForEvent("serving");
            assertThat(deep.input("one").run("log", "append", "events").status())
                    .isZero();
            assertThat(deep.run("log", "cat", "events").out()).isEqualTo("one");
        }
        assertThat(deep.run("log", "cat", "events").out()).isEqualTo("one");
    }

    @Test
    void whatAKilledHolderLeftIsCleared() throws IOException {
        Path left = Files.createDirectories(folder.resolve("store/holder"));
        Files.writeString(left.resolve("socket"), "no socket at all");
        assertThat(shell.run("log", "list").status()).isZero();
        try (Shell.Running holder = hold()) {
            assertThat(shell.run("log", "list").status()).isZero();
            assertThat(holder.isDone()).isFalse();
        }
    }

    @Test
    void whoHoldsTheStoreWithoutServingIsNamed() {
        try (LogStore store = LogStore.open(folder.resolve("store"))) {
            Shell.Said said = shell.run("log", "list", "--json");
            assertThat(said.status()).isEqualTo(1);
            assertThat(said.code()).isEqualTo("ERR_STORE_IN_USE");
            assertThat(said.out())
                    .contains(Long.toString(ProcessHandle.current().pid()));
            assertThat(store.folder()).exists();
        }
    }

    @Test
    void whoHoldsTheStoreForAMomentIsWaitedFor() throws Exception {
        LogStore store = LogStore.open(folder.resolve("store"));
        Shell.Running waiting = shell.start("log", "list");
        // Nothing tells that it waits: closing before it asks only makes the test easier to pass.
        store.close();
        assertThat(waiting.end().status()).isZero();
    }

    @Test
    void nonsenseOnTheSocketHarmsNobody() throws IOException {
        try (Shell.Running holder = hold()) {
            UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("store/holder/socket"));
            Random random = new Random(7);
            for (int i = 0; i < 40; i++) {
                byte[] nonsense = new byte[random.nextInt(60)];
                random.nextBytes(nonsense);
                if (i % 4 == 0 && nonsense.length > 5) {
                    // A request frame of the right length that holds no request.
                    nonsense[0] = 0;
                    Arrays.fill(nonsense, 1, 5, (byte) 0);
                    nonsense[1] = (byte) (nonsense.length - 5);
                }
                try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                    channel.connect(address);
                    channel.write(ByteBuffer.wrap(nonsense));
                }
            }
            assertThat(shell.run("log", "list").status()).isZero();
            assertThat(holder.isDone()).isFalse();
        }
    }
}
