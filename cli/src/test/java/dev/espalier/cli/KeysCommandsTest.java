package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.release.multisig.KeyCost;
import dev.espalier.release.multisig.KeyFolder;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code multisig keys}. Making a key takes a GiB, which processes of their own get; here are cheap ones. */
class KeysCommandsTest {

    private static final KeyCost CHEAP = new KeyCost(524_288, 16_777_216);
    private static final String PASSWORD = "pässwörd 🔑";

    @TempDir
    Path folder;

    private Shell shell;
    private Path keys;

    @BeforeEach
    void open() {
        shell = new Shell(folder);
        keys = folder.resolve("home/.hypercore-sign");
    }

    private KeyFolder.Entry make(String name) throws IOException {
        return new KeyFolder(keys).create(name, PASSWORD.getBytes(StandardCharsets.UTF_8), CHEAP);
    }

    @Test
    void keysAreAddedListedShownAndRemoved() throws IOException {
        Golden golden = new Golden(folder);
        KeyFolder.Entry mine = make("default");
        KeyFolder elsewhere = new KeyFolder(folder.resolve("elsewhere"));
        KeyFolder.Entry ann = elsewhere.create("ann", PASSWORD.getBytes(StandardCharsets.UTF_8), CHEAP);
        type(golden, shell, "multisig", "keys", "paths");
        type(golden, shell, "multisig", "keys", "list", "--keys", "nowhere");
        type(golden, shell, "multisig", "keys", "get");
        type(golden, shell, "multisig", "keys", "add", "ann", ann.publicKey().toString());
        type(golden, shell, "multisig", "keys", "add", "ann", ann.publicKey().toString());
        type(golden, shell, "multisig", "keys", "add", "work", "elsewhere/ann.public", "elsewhere/ann");
        type(golden, shell, "multisig", "keys", "list");
        type(golden, shell, "multisig", "keys", "list", "--json");
        type(golden, shell, "multisig", "keys", "get", "ann", "--json");
        type(golden, shell, "multisig", "keys", "get", "ann", "--secret");
        type(golden, shell, "multisig", "keys", "create");
        type(golden, shell, "multisig", "keys", "create", "new");
        type(golden, shell.typing(PASSWORD, "another one"), "multisig", "keys", "create", "new");
        type(golden, shell.typing("short", "short"), "multisig", "keys", "create", "new");
        type(golden, shell, "multisig", "keys", "create", "a/b");
        type(golden, shell, "multisig", "keys", "remove", "ann");
        type(golden, shell, "multisig", "keys", "remove", "work");
        type(golden, shell.typing("no"), "multisig", "keys", "remove", "work");
        type(golden, shell.typing("y"), "multisig", "keys", "remove", "work");
        type(golden, shell, "multisig", "keys", "remove", "work", "--json");
        golden.check("multisig-keys");
        assertThat(shell.run("multisig", "keys", "get", "--secret").out().strip())
                .isEqualTo(Files.readString(mine.secretFile()));
        // None of this needs a store.
        assertThat(folder.resolve("store")).doesNotExist();
    }

    private static void type(Golden golden, Shell in, String... arguments) {
        golden.note(in.run(arguments), arguments);
    }

    @Test
    void theFolderOfPearIsReadToo() throws IOException {
        KeyFolder pear = new KeyFolder(folder.resolve("home/.pear"));
        KeyFolder.Entry mine = pear.create("mine", PASSWORD.getBytes(StandardCharsets.UTF_8), CHEAP);
        assertThat(Files.size(mine.secretFile())).isEqualTo(186);
        assertThat(shell.run("multisig", "keys", "get", "mine").out().strip())
                .isEqualTo(String.valueOf(mine.publicKey()));
        Shell elsewhere = shell.with(KeyFolder.VARIABLE, keys.toString());
        assertThat(elsewhere.run("multisig", "keys", "list").out()).isEqualTo("[ No results ]\n");
    }

    private List<String> java(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx1280m", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private ProcessBuilder process(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put(KeyFolder.VARIABLE, keys.toString());
        return builder.redirectErrorStream(true);
    }

    private void assertOpens(String name) throws IOException {
        KeyFolder made = new KeyFolder(keys);
        assertThat(made.secret(name).cost()).isEqualTo(KeyCost.STANDARD);
        assertThat(shell.run("multisig", "keys", "get", name).out().strip())
                .isEqualTo(String.valueOf(made.get(name).publicKey()));
    }

    @Test
    void aScriptHandsThePasswordOverByDescriptor() throws Exception {
        Process create = process(java("multisig", "keys", "create", "robot", "--password-fd", "0"))
                .start();
        try (OutputStream in = create.getOutputStream()) {
            in.write((PASSWORD + "\n").getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(create.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(create.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(create.exitValue()).as(said).isZero();
        assertThat(said).contains("public key").doesNotContain(PASSWORD);
        assertOpens("robot");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void anOpenDescriptorOfAnyNumberWillDo() throws Exception {
        Files.writeString(folder.resolve("password"), "short\n");
        String command = String.join(
                " ",
                java("multisig", "keys", "create", "robot", "--password-fd", "9").stream()
                        .map(word -> "'" + word + "'")
                        .toList());
        Process open =
                process(List.of("/bin/sh", "-c", command + " 9<password")).start();
        assertThat(new String(open.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("this one has 5");
        // Java may have a file of its own there, whose bytes must not become a password.
        Process closed = process(List.of("/bin/sh", "-c", command + " 9<&-")).start();
        assertThat(new String(closed.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("(ERR_INVALID_INPUT)");
        Process jar = process(List.of("/bin/sh", "-c", command + " 9<" + jar())).start();
        assertThat(new String(jar.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("is no text");
        assertThat(keys).doesNotExist();
    }

    private static String jar() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .findFirst()
                .orElseThrow();
    }

    static boolean hasScript() {
        return Files.isExecutable(Path.of("/usr/bin/script"));
    }

    /** On a pseudo-terminal, which shows what is typed unless the echo is off. */
    @Test
    @EnabledIf("hasScript")
    void aPasswordIsTypedTwiceAndNotShown() throws Exception {
        String command = String.join(
                " ",
                java("multisig", "keys", "create", "typed").stream()
                        .map(word -> "'" + word + "'")
                        .toList());
        Process create = process(List.of("/usr/bin/script", "-q", "-e", "-c", command, "/dev/null"))
                .start();
        StringBuilder shown = new StringBuilder();
        try (OutputStream in = create.getOutputStream();
                InputStream out = create.getInputStream()) {
            for (String prompt : List.of("Choose a password: ", "The same again: ")) {
                readUntil(out, shown, prompt);
                in.write((PASSWORD + "\n").getBytes(StandardCharsets.UTF_8));
                in.flush();
            }
            readUntil(out, shown, "secret key");
            try (BufferedReader rest = create.inputReader(StandardCharsets.UTF_8)) {
                rest.lines().forEach(shown::append);
            }
        }
        assertThat(create.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(create.exitValue()).as(shown.toString()).isZero();
        assertThat(shown).doesNotContain("rd 🔑");
        assertOpens("typed");
    }

    private static void readUntil(InputStream out, StringBuilder shown, String text) throws IOException {
        byte[] piece = new byte[1024];
        while (!shown.toString().endsWith(text) && !shown.toString().contains(text)) {
            int count = out.read(piece);
            assertThat(count).as(shown.toString()).isPositive();
            shown.append(new String(piece, 0, count, StandardCharsets.ISO_8859_1));
        }
    }
}
