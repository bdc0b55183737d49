package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.espalier.release.multisig.KeyCost;
import dev.espalier.release.multisig.KeyFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code multisig link} to {@code commit}: one store that builds, two that seed, one that commits. */
@Timeout(300)
class MultisigCommandsTest {

    private static final KeyCost CHEAP = new KeyCost(524_288, 16_777_216);
    private static final String PASSWORD = "correct horse battery";

    @TempDir
    Path folder;

    private Shell builder;
    private Shell carol;
    private Golden golden;
    private String provision;
    private String production;
    private String staged;
    private final List<String> peers = new ArrayList<>();
    private final Deque<Shell.Running> running = new ArrayDeque<>();

    @BeforeEach
    void open() throws IOException {
        builder = new Shell(folder);
        carol = builder.store("carol");
        golden = new Golden(folder);
        List<String> keys = new ArrayList<>();
        for (String name : List.of("ann", "bob", "cy")) {
            KeyFolder.Entry made = new KeyFolder(folder.resolve("keys-" + name))
                    .create("default", PASSWORD.getBytes(StandardCharsets.UTF_8), CHEAP);
            keys.add("\"" + made.publicKey() + "\"");
        }
        staged = builder.run("touch").out().strip();
        provision = builder.run("touch").out().strip();
        Files.writeString(
                folder.resolve("multisig.json"),
                "{\"type\":\"drive\",\"publicKeys\":[" + String.join(",", keys)
                        + "],\"namespace\":\"hello\",\"quorum\":2,\"srcKey\":\""
                        + provision.substring("pear://".length()) + "\"}");
        Files.writeString(
                folder.resolve("pear.json"),
                "{\"multisig\":{\"publicKeys\":[" + String.join(",", keys)
                        + "],\"namespace\":\"hello\",\"quorum\":2}}");
        production = builder.run("multisig", "link").out().strip();
    }

    @AfterEach
    void end() {
        while (!running.isEmpty()) {
            running.pop().close();
        }
    }

    private void build(String version, long out) throws IOException {
        Path app = folder.resolve("app");
        Files.createDirectories(app.resolve("by-arch/linux-x64/app"));
        Files.writeString(
                app.resolve("package.json"),
                "{\"name\":\"hello\",\"version\":\"" + version + "\",\"upgrade\":\"" + production + "\"}\n");
        Files.writeString(app.resolve("by-arch/linux-x64/app/hello"), version + "\n");
        String from = run(builder, "stage", staged, "app", "--json")
                .last()
                .get("verlink")
                .getAsString();
        run(builder, "provision", from, provision, production.replace("//", "//0." + out + "."), "--cooldown", "0");
    }

    private static Shell.Said run(Shell shell, String... arguments) {
        Shell.Said said = shell.run(arguments);
        assertThat(said.status()).as(said.err() + said.out()).isZero();
        return said;
    }

    private String start(Shell shell, String... arguments) {
        Shell.Running started = shell.start(arguments);
        running.push(started);
        return started.address();
    }

    private void seed() {
        String source = start(builder, "seed", provision, "--listen", "0", "--json");
        for (String name : List.of("ann", "bob")) {
            Shell shell = builder.store(name);
            String address = start(shell, "seed", provision, "--listen", "0", "--peer", source, "--json");
            peers.addAll(List.of("--peer", address));
            start(shell, "seed", production, "--listen", "0", "--json");
        }
    }

    /** With the addresses of both seeders and much patience. */
    private String[] online(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(peers);
        all.addAll(List.of("--peer-update-timeout", "60000"));
        return all.toArray(String[]::new);
    }

    /** Notes it without what depends on time: who joins when, and who has how much of it when. */
    private Shell.Said type(Shell shell, String... arguments) {
        Shell.Said said = shell.run(arguments);
        String out = said.out()
                .lines()
                .filter(line -> !line.matches("(o-o|-_-) peer .*|seeders with all .*")
                        && !line.matches(".*\"tag\":\"(peer-add|peer-remove|seeders)\".*"))
                .map(MultisigCommandsTest::mask)
                .map(line -> line + "\n")
                .collect(Collectors.joining());
        List<String> typed = new ArrayList<>();
        for (String word : arguments) {
            typed.add(mask(word));
        }
        golden.note(
                new Shell.Said(said.status(), out.getBytes(StandardCharsets.UTF_8), said.err()),
                typed.toArray(String[]::new));
        return said;
    }

    private static String mask(String text) {
        return text.replaceAll("[a-z0-9]{180,}", "TEXT");
    }

    private void save(String file, Shell.Said said) throws IOException {
        assertThat(said.status()).as(said.err()).isZero();
        Files.writeString(folder.resolve(file), said.out());
    }

    private Shell.Said sign(String name) {
        return type(
                builder.store("signer-" + name).typing("y", PASSWORD),
                online("multisig", "sign", "request.txt", "--keys", "keys-" + name));
    }

    @Test
    void twoReleasesAsAPersonSeesThem() throws IOException {
        build("1.0.0", 0);
        type(builder, "multisig", "link");
        type(builder, "multisig", "link", "--config", "pear.json");
        type(builder, "multisig", "request", "--peer-update-timeout", "100");
        seed();
        type(builder, "multisig", "request", "2", "--peer-update-timeout", "60000");
        type(builder, "multisig", "request", "--config", "pear.json", "--peer-update-timeout", "60000");
        save("request.txt", type(builder, "multisig", "request", "--peer-update-timeout", "60000"));
        save("ann.txt", sign("ann"));
        type(builder.store("signer-bob").typing("n"), online("multisig", "sign", "request.txt", "--keys", "keys-bob"));
        type(
                builder.store("signer-bob").typing("y", "wrong password"),
                "multisig",
                "sign",
                "request.txt",
                "--keys",
                "keys-bob",
                "--offline");
        new KeyFolder(folder.resolve("keys-eve")).create("default", PASSWORD.getBytes(StandardCharsets.UTF_8), CHEAP);
        type(builder.typing("y"), "multisig", "sign", "request.txt", "--keys", "keys-eve");
        type(builder, "multisig", "sign", "request.txt", "--keys", "keys-bob");
        type(carol, online("multisig", "verify", "request.txt"));
        type(carol, online("multisig", "commit", "request.txt", "ann.txt"));
        save(
                "bob.txt",
                type(
                        builder.store("signer-bob").input(PASSWORD + "\n"),
                        online(
                                "multisig",
                                "sign",
                                "request.txt",
                                "--keys",
                                "keys-bob",
                                "--yes",
                                "--password-fd",
                                "0",
                                "--json")));
        String bob = Files.readString(folder.resolve("bob.txt"));
        String response = bob.substring(bob.indexOf("\"response\":\"") + 12);
        response = response.substring(0, response.indexOf('"'));
        type(carol, online("multisig", "verify", "request.txt", "ann.txt", response));
        type(carol, "data", "multisig");
        type(carol, online("multisig", "commit", "request.txt", "ann.txt", response, "--first-commit"));
        type(carol, "data", "multisig");
        type(carol, online("multisig", "commit", "request.txt", "ann.txt", response));

        run(builder, online2("dump", production, "out", "--dry-run"));
        build("1.1.0", length());
        save("request.txt", type(builder, "multisig", "request", "--peer-update-timeout", "60000"));
        save("cy.txt", sign("cy"));
        type(carol, online("multisig", "commit", "request.txt", "cy.txt", response));
        save("ann.txt", sign("ann"));
        type(carol, online("multisig", "commit", "request.txt", "cy.txt", "ann.txt"));
        golden.check("multisig");
        run(builder.store("reader"), online2("dump", production, "copy"));
        assertThat(Files.readString(folder.resolve("copy/by-arch/linux-x64/app/hello")))
                .isEqualTo("1.1.0\n");
    }

    private long length() {
        return run(carol, "info", production, "--json")
                .events("info")
                .get(0)
                .get("length")
                .getAsLong();
    }

    private String[] online2(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(peers);
        return all.toArray(String[]::new);
    }

    @Test
    void scriptsReadTheSameAsJson() throws IOException {
        build("1.0.0", 0);
        seed();
        type(builder, "multisig", "link", "--json");
        Shell.Said asked = type(builder, "multisig", "request", "--json", "--peer-update-timeout", "60000");
        String request = asked.last().get("request").getAsString();
        List<String> answers = new ArrayList<>();
        for (String name : List.of("ann", "bob")) {
            Shell.Said signed = type(
                    builder.store("signer").input(PASSWORD + "\n"),
                    online(
                            "multisig",
                            "sign",
                            request,
                            "--keys",
                            "keys-" + name,
                            "--yes",
                            "--password-fd",
                            "0",
                            "--json"));
            answers.add(signed.last().get("response").getAsString());
        }
        type(carol, online("multisig", "verify", request, answers.get(0), "--json"));
        type(carol, online("multisig", "commit", request, answers.get(0), answers.get(0), "--json"));
        type(carol, online("multisig", "commit", request, answers.get(0), answers.get(1), "--json"));
        type(carol, "data", "multisig", "--json");
        golden.check("multisig-json");
    }

    /** Starts the command in a process of its own, and kills that when it says {@code word}. */
    private void killAt(String word, String store, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(Arrays.asList(arguments));
        command.addAll(List.of("--json", "--storage", folder.resolve(store).toString()));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve("errors.txt").toFile())
                .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            String line = out.readLine();
            while (line != null && !line.contains(word)) {
                line = out.readLine();
            }
            assertThat(line).as(Files.readString(folder.resolve("errors.txt"))).isNotNull();
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    @Test
    void aCommitThatWasKilledIsRunAgainHereOrElsewhereAndEndsEqual() throws Exception {
        build("1.0.0", 0);
        seed();
        String request = run(builder, "multisig", "request", "--peer-update-timeout", "60000")
                .out()
                .strip();
        List<String> typed = new ArrayList<>(List.of("multisig", "commit", request));
        for (String name : List.of("ann", "cy")) {
            typed.add(run(
                            builder.input(PASSWORD + "\n"),
                            "multisig",
                            "sign",
                            request,
                            "--keys",
                            "keys-" + name,
                            "--yes",
                            "--password-fd",
                            "0",
                            "--peer-update-timeout",
                            "60000")
                    .out()
                    .strip());
        }
        String[] commit = online(typed.toArray(String[]::new));
        Set<String> ends = new HashSet<>();
        int number = 0;
        for (String word : List.of("commit-start", "\"core\":\"blobs\"", "\"core\":\"db\"", "verify-committed-start")) {
            String store = "killed-" + number++;
            killAt(word, store, commit);
            List<String> again = new ArrayList<>(Arrays.asList(commit));
            again.add("--json");
            ends.add(committed(run(builder.store(store), again.toArray(String[]::new))));
        }
        List<String> elsewhere = new ArrayList<>(Arrays.asList(commit));
        elsewhere.add("--json");
        ends.add(committed(run(carol, elsewhere.toArray(String[]::new))));
        assertThat(ends).hasSize(1);
    }

    /** What a commit made: both logs, with their signatures. */
    private static String committed(Shell.Said said) {
        JsonObject result = said.last().getAsJsonObject("result");
        StringBuilder both = new StringBuilder();
        for (String half : List.of("db", "blobs")) {
            both.append(result.getAsJsonObject(half).get("destCore"))
                    .append(result.getAsJsonObject(half).get("batch"));
        }
        return both.toString();
    }

    @Test
    void aCommitThatHasNotEndedIsToldByEveryCommand() throws IOException {
        Shell half = builder.store("half");
        String link = run(half, "touch").out().strip();
        Path records = folder.resolve("half/multisig-records.json");
        Files.writeString(
                records,
                "{\"records\":[{\"key\":\"" + production.substring("pear://".length())
                        + "\",\"length\":3,\"done\":false}]}");
        type(half, "data", "multisig");
        type(half, "data", "multisig", "--json");
        type(half, "multisig", "commit", "yryyy", "x");
        // Through the process that holds the store, too.
        start(half, "seed", link, "--listen", "0", "--json");
        type(half, "touch", "--json");
        Files.writeString(records, "nothing of the kind");
        type(half, "data", "multisig");
        golden.check("multisig-begun");
    }

    @Test
    void whatIsNoRequestOrNoConfigurationIsSaidSo() throws IOException {
        type(builder, "multisig", "verify", "nonsense!");
        type(builder, "multisig", "verify", "yryyy");
        type(builder, "multisig", "commit", "yryyy", "x");
        Files.writeString(folder.resolve("wrong.txt"), "Dear all,");
        type(builder, "multisig", "verify", "wrong.txt");
        Files.writeString(folder.resolve("empty.txt"), "\n");
        type(builder, "multisig", "verify", "empty.txt");
        type(builder, "multisig", "link", "--config", "nowhere.json");
        type(builder.typing("y"), "multisig", "sign", "yryyy", "--keys", "keys-ann");
        type(builder, "multisig", "request", "0", "--force");
        golden.check("multisig-mistakes");
    }

    @Test
    void theLinkOfProductionCanBeginWithLettersOfChoice() throws IOException {
        for (String config : List.of("multisig.json", "pear.json")) {
            String text = Files.readString(folder.resolve(config)).replace("\"quorum\":", "\n\t\"quorum\" : ");
            Files.writeString(folder.resolve(config), text);
            Shell.Said said = run(builder, "multisig", "link", "--vanity", "ab", "--config", config);
            assertThat(said.out()).startsWith("pear://ab").isNotEqualTo(production + "\n");
            String changed = Files.readString(folder.resolve(config));
            String namespace = changed.replaceAll("(?s).*\"namespace\":\"(hello\\$[a-z0-9]{52})\".*", "$1");
            assertThat(changed).isEqualTo(text.replace("\"hello\"", "\"" + namespace + "\""));
            assertThat(said.err())
                    .isEqualTo("The namespace in " + folder.resolve(config) + " is " + namespace + " now.\n");
            // Found once, it stays; another wish begins from the same base.
            assertThat(run(builder, "multisig", "link", "--config", config).out())
                    .isEqualTo(said.out());
            Shell.Said again = run(builder, "multisig", "link", "--vanity=a", "--json", "--config", config);
            assertThat(again.events("namespace")).isEmpty();
            assertThat(again.last().get("link").getAsString() + "\n").isEqualTo(said.out());
            Shell.Said other = run(builder, "multisig", "link", "--vanity", "y", "--json", "--config", config);
            assertThat(other.last().get("namespace").getAsString()).matches("hello\\$[a-z0-9]{52}");
        }
        assertThat(builder.run("multisig", "link", "--vanity", "pearl", "--json")
                        .code())
                .isEqualTo("ERR_INVALID_INPUT");
    }
}
