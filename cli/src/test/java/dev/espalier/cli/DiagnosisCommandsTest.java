package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code doctor}, {@code why} and {@code lines}, as a release engineer types them. */
class DiagnosisCommandsTest {

    private static final String PRODUCTION = "pear://69qwbihxj4c8te15wt3skj4j1g3ufmbo3mperedjqr1hb55mspoo";

    @TempDir
    Path folder;

    private Shell shell;
    private Golden golden;

    @BeforeEach
    void open() throws IOException {
        shell = new Shell(folder);
        golden = new Golden(folder);
        write("app/package.json", "{\n  \"name\": \"hello\",\n  \"version\": \"1.0.0\"\n}\n");
        Files.createDirectories(folder.resolve("app/build"));
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Shell.Said type(Shell in, String json, String... arguments) {
        String[] typed = arguments;
        if (!json.isEmpty()) {
            typed = Arrays.copyOf(arguments, arguments.length + 1);
            typed[arguments.length] = json;
        }
        Shell.Said said = in.run(typed);
        golden.note(said, typed);
        return said;
    }

    private String touch() {
        return shell.run("touch").out().strip();
    }

    /** Puts what was made into a deployment folder. */
    private void build(String target, String artefact) throws IOException {
        write(target + "/package.json", Files.readString(folder.resolve("app/package.json")));
        write(target + "/by-arch/linux-x64/app/hello", artefact);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--json"})
    void doctorLooksBeforeAnythingIsShipped(String json) throws IOException {
        assertThat(type(shell, json, "doctor", "app").status()).isEqualTo(1);
        assertThat(folder.resolve("store")).doesNotExist();

        String link = touch();
        write(
                "app/package.json",
                "{\"name\":\"hello\",\"productName\":\"hello\",\"version\":\"1.0.0\",\"upgrade\":\"" + link
                        + "\",\"author\":\"A\",\"license\":\"MIT\",\"description\":\"D\"}\n");
        for (String icon : new String[] {"icns", "ico", "png"}) {
            write("app/build/icon." + icon, "");
        }
        build("app/my-build", "hello 1.0.0\n");
        type(shell, json, "doctor", "app", "--build", "app/my-build");
        build("app-1.0.0", "hello 1.0.0\n");
        assertThat(type(shell, json, "doctor", "app", "--build", "app-1.0.0").status())
                .isZero();
        shell.run("stage", link, "app-1.0.0");
        build("app-1.0.0", "hello 1.0.0 again\n");
        type(shell, json, "doctor", "app", "--build", "app-1.0.0");
        type(shell, json, "doctor", "app", "--line", "rc");
        type(shell, json, "doctor");
        golden.check(json.isEmpty() ? "doctor" : "doctor-json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--json"})
    void whyAnswersThatAnApplicationDidNotUpdate(String json) throws IOException {
        String link = touch();
        write("app/package.json", "{\"name\":\"hello\",\"version\":\"1.0.0\",\"upgrade\":\"" + link + "\"}\n");
        build("app-1.0.0", "hello 1.0.0\n");
        type(shell, json, "why", link, "--host", "linux-x64");
        shell.run("stage", link, "app-1.0.0");
        type(shell, json, "why", link, "--host", "linux-x64", "--build", "app-1.0.0");
        build("app-1.0.0", "hello 1.0.0 again\n");
        shell.run("stage", link, "app-1.0.0");
        type(shell, json, "why", link, "--host", "darwin-arm64", "--installed", "1.0.0");
        Shell away = shell.store("away");
        try (Shell.Running seeder = shell.start("seed", link, "--listen", "0", "--json");
                Shell.Running other = shell.store("other")
                        .start("seed", link, "--listen", "0", "--peer", seeder.address(), "--json")) {
            type(
                    away,
                    json,
                    "why",
                    link,
                    "--installed",
                    "0.9.0",
                    "--host",
                    "linux-x64",
                    "--peer-update-timeout",
                    "60000",
                    "--peer",
                    seeder.address(),
                    "--peer",
                    other.address());
        }
        type(shell, json, "why", "SOURCE_CORE_INSUFFICIENT_PEERS");
        type(shell, json, "why");
        type(shell, json, "why", "staging");
        golden.check(json.isEmpty() ? "why" : "why-json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--json"})
    void linesAreSetAndTold(String json) throws IOException {
        String staging = touch();
        String rc = touch();
        Shell app = new Shell(folder.resolve("app"))
                .with(StoreFolder.VARIABLE, folder.resolve("store").toString());
        type(app, json, "lines");
        type(app, json, "lines", "set", "staging", staging);
        type(app, json, "lines", "set", "rc", rc);
        type(app, json, "lines", "set", "rc", staging);
        type(app, json, "lines", "set", "production", PRODUCTION);
        type(app, json, "lines", "set", "rc", rc);
        write("app/package.json", "{\"name\":\"hello\",\"version\":\"1.0.0\",\"upgrade\":\"" + staging + "\"}\n");
        build("app-1.0.0", "hello 1.0.0\n");
        shell.run("stage", staging, "app-1.0.0");
        shell.run("stage", rc, "app-1.0.0");
        type(app, json, "lines");
        type(app, json, "why", "rc", "--host", "linux-x64");
        type(app, json, "doctor", "--line", "rc");
        golden.check(json.isEmpty() ? "lines" : "lines-json");
    }

    @Test
    void anEngineerIsAnsweredWhileTheStoreIsBeingSeeded() throws IOException {
        String link = touch();
        write("app/package.json", "{\"name\":\"hello\",\"version\":\"1.0.0\",\"upgrade\":\"" + link + "\"}\n");
        build("app-1.0.0", "hello\n");
        shell.run("stage", link, "app-1.0.0");
        Shell maker = shell.with("APPLE_ID", "somebody");
        try (Shell.Running seeder = shell.start("seed", link, "--listen", "0", "--json")) {
            seeder.waitForEvent("listening");
            Shell.Said doctor = maker.run("doctor", "app", "--build", "app-1.0.0", "--json");
            assertThat(doctor.status()).as(doctor.out()).isZero();
            // The variables of this terminal, the link of that store.
            assertThat(doctor.out()).contains("APPLE_PASSWORD are not set").contains("which is staged to");
            assertThat(doctor.out()).doesNotContain("APPLE_ID,");
            build("app-1.0.0", "hello again\n");
            assertThat(maker.run("doctor", "app", "--build", "app-1.0.0", "--json")
                            .code())
                    .isEqualTo("ERR_FINDINGS");
        }
    }
}
