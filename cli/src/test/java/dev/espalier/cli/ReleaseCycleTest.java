package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.release.multisig.KeyCost;
import dev.espalier.release.multisig.KeyFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * All foundational steps 0 to 7g as they are typed, then the cycle 2 to 7g: one store that builds, two that seed, one that
 * commits, three people who sign.
 */
@Tag("exhaustive")
@Timeout(300)
@DisabledOnOs(OS.WINDOWS)
class ReleaseCycleTest {

    private static final String PASSWORD = "correct horse battery";
    private static final String PROGRAM = "by-arch/linux-x64/app/Hello";

    @TempDir
    Path folder;

    private Shell builder;
    private final List<String> seeders = new ArrayList<>();
    private final Deque<Shell.Running> running = new ArrayDeque<>();

    @AfterEach
    void end() {
        while (!running.isEmpty()) {
            running.pop().close();
        }
    }

    private static Shell.Said type(Shell shell, String... words) {
        Shell.Said said = shell.run(words);
        assertThat(said.status())
                .as("%s%n%s%s", List.of(words), said.err(), said.out())
                .isZero();
        return said;
    }

    private String start(Shell shell, String... words) {
        Shell.Running started = shell.start(words);
        running.push(started);
        return started.address();
    }

    /** The same with the addresses of both seeders. */
    private String[] online(String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        seeders.forEach(address -> all.addAll(List.of("--peer", address)));
        return all.toArray(String[]::new);
    }

    private static String at(String link, long length) {
        return link.replace("//", "//0." + length + ".");
    }

    /** Steps 3 to 5: makes, builds, looks at a dry run and stages just that. Returns the version of the stage link. */
    private String ship(String stage, String version) throws IOException {
        Path program = folder.resolve("hello/out/Hello");
        Files.createDirectories(program.getParent());
        Files.writeString(program, "#!/bin/sh\necho hello " + version + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        Shell.Said built = type(builder, "build", "--package", "hello", "--linux-x64-app", "hello/out/Hello");
        String deployment = "hello-" + version;
        assertThat(built.out()).contains(folder.resolve(deployment).toString());
        String plan = type(builder, "stage", stage, deployment, "--dry-run", "--json")
                .events("plan")
                .get(0)
                .get("hash")
                .getAsString();
        Shell.Said staged = type(builder, "stage", stage, deployment, "--plan", plan, "--json");
        assertThat(staged.events("warning")).isEmpty();
        return staged.last().get("verlink").getAsString();
    }

    /** Step 6: what a dry run tells is what is provisioned. */
    private void provision(String source, String target, String production) {
        String[] words = online("provision", source, target, production, "--cooldown", "0", "--json");
        List<String> dry = new ArrayList<>(Arrays.asList(words));
        dry.add("--dry-run");
        assertThat(type(builder, dry.toArray(String[]::new)).events("byte-diff"))
                .isEqualTo(type(builder, words).events("byte-diff"))
                .isNotEmpty();
    }

    /** Steps 7d to 7g. Returns the length of production. */
    private long release(Shell committer, String... signers) {
        String patience = "--peer-update-timeout=60000";
        String request = type(builder, "multisig", "request", patience).out().strip();
        List<String> words = new ArrayList<>(List.of("multisig", "verify", request, patience));
        for (String signer : signers) {
            Shell person = builder.store("of-" + signer).typing("y", PASSWORD);
            String[] sign = online("multisig", "sign", request, "--keys", "keys-" + signer, patience);
            words.add(type(person, sign).out().strip());
        }
        Shell.Said checked = type(committer, online(words.toArray(String[]::new)));
        assertThat(checked.out()).contains("All checks passed; it can be committed.");
        words.set(1, "commit");
        words.add("--json");
        return type(committer, online(words.toArray(String[]::new)))
                .last()
                .getAsJsonObject("result")
                .getAsJsonObject("db")
                .getAsJsonObject("batch")
                .get("length")
                .getAsLong();
    }

    private void assertOut(String link, String version, String upgrade) throws IOException {
        Path copy = folder.resolve("copy-" + version + link.substring(7, 12));
        type(builder.store("somebody"), online("dump", link, copy.toString()));
        assertThat(copy.resolve(PROGRAM)).content().contains("hello " + version);
        assertThat(Files.isExecutable(copy.resolve(PROGRAM))).isTrue();
        assertThat(copy.resolve("package.json"))
                .content()
                .contains("\"" + version + "\"")
                .contains("\"" + upgrade + "\"");
    }

    @Test
    void allStepsAndThenTheCycle() throws IOException {
        builder = new Shell(folder);
        // 0. Touch and seed.
        String stage = type(builder, "touch").out().strip();
        String provision = type(builder, "touch").out().strip();
        String source = start(builder, "seed", stage, "--listen", "0", "--json");
        start(builder, "seed", provision, "--listen", "0", "--json");
        for (String name : List.of("seeder-1", "seeder-2")) {
            Shell seeder = builder.store(name);
            seeders.add(start(seeder, "seed", stage, "--peer", source, "--listen", "0", "--json"));
            start(seeder, "seed", provision, "--peer", source, "--listen", "0", "--json");
        }
        // 1. and 2. Upgrade link and version.
        Files.createDirectories(folder.resolve("hello"));
        Files.writeString(
                folder.resolve("hello/package.json"), "{\n  \"name\": \"hello\",\n  \"productName\": \"Hello\"\n}\n");
        type(builder, "set", "upgrade", stage, "hello");
        type(builder, "set", "version", "1.0.0", "hello");
        // 3. to 5. Make, build, stage; and a second time, which is an update.
        ship(stage, "1.0.0");
        assertOut(stage, "1.0.0", stage);
        type(builder, "set", "version", "patch", "hello");
        String version = ship(stage, "1.0.1");
        assertOut(stage, "1.0.1", stage);
        // 6. Provision, then again with the provision link as the one that updates come from.
        provision(version, provision, at(provision, 0));
        type(builder, "set", "upgrade", provision, "hello");
        type(builder, "set", "version", "patch", "hello");
        provision(ship(stage, "1.0.2"), provision, at(provision, 0));
        assertOut(provision, "1.0.2", provision);
        // 7a. and 7b. Signing keys, each on a machine of its own, and the configuration.
        List<String> keys = new ArrayList<>();
        for (String name : List.of("ann", "bob", "cy")) {
            keys.add("\""
                    + new KeyFolder(folder.resolve("keys-" + name))
                            .create(
                                    "default",
                                    PASSWORD.getBytes(StandardCharsets.UTF_8),
                                    new KeyCost(524_288, 16_777_216))
                            .publicKey()
                    + "\"");
        }
        Files.writeString(
                folder.resolve("multisig.json"),
                "{\"type\":\"drive\",\"publicKeys\":[" + String.join(",", keys)
                        + "],\"namespace\":\"hello\",\"quorum\":2,\"srcKey\":\"" + provision + "\"}");
        // 7c. The link of production, for builds to update from.
        String production = type(builder, "multisig", "link").out().strip();
        for (String name : List.of("seeder-1", "seeder-2")) {
            start(builder.store(name), "seed", production, "--listen", "0", "--json");
        }
        type(builder, "set", "upgrade", production, "hello");
        type(builder, "set", "version", "minor", "hello");
        provision(ship(stage, "1.1.0"), provision, at(production, 0));
        // 7d. to 7g. Request, sign, verify, commit.
        Shell carol = builder.store("carol");
        long out = release(carol, "ann", "cy");
        assertOut(production, "1.1.0", production);

        // The cycle, on another machine that commits.
        type(builder, "set", "version", "patch", "hello");
        provision(ship(stage, "1.1.1"), provision, at(production, out));
        long next = release(builder.store("dave"), "bob", "ann");
        assertThat(next).isGreaterThan(out);
        assertOut(production, "1.1.1", production);
        // An application that follows production sees one link, and a higher version.
        assertThat(type(carol, online("info", production, "--json"))
                        .events("info")
                        .get(0)
                        .get("version")
                        .getAsString())
                .isEqualTo("1.1.1");
    }
}
