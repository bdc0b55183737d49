package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script, around a small jar of this test's own. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final String RUNNING_JDK = System.getProperty("java.home");

    @TempDir
    Path folder;

    private Path jar;

    @BeforeEach
    void makeAJarThatSaysWhatItWasGiven() throws IOException {
        Path source = Files.writeString(folder.resolve("Echo.java"), """
                public class Echo {
                    public static void main(String[] arguments) throws Exception {
                        System.out.println(Runtime.version().feature() + " " + String.join("|", arguments)
                            + " " + new String(System.in.readAllBytes()));
                        System.exit(arguments.length);
                    }
                }
                """);
        int failed = ToolProvider.getSystemJavaCompiler().run(null, null, null, "--release", "17", source.toString());
        assertThat(failed).isZero();

        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "Echo");
        jar = folder.resolve("echo.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.putNextEntry(new JarEntry("Echo.class"));
            out.write(Files.readAllBytes(folder.resolve("Echo.class")));
        }
    }

    @Test
    void passesArgumentsInputAndExitStatusThroughALinkAndAddsNothing() throws Exception {
        Path launcher = distribution();
        Path link = Files.createSymbolicLink(folder.resolve("a link"), launcher);
        String said = Runtime.version().feature() + " one|two words||* typed";

        // The first start also leaves the archive of classes, the second uses it.
        Finished first = run(link, Map.of("ESPALIER_JAVA_HOME", RUNNING_JDK), "typed", "one", "two words", "", "*");
        Finished second = run(link, Map.of("ESPALIER_JAVA_HOME", RUNNING_JDK), "typed", "one", "two words", "", "*");

        assertThat(List.of(first, second)).containsOnly(new Finished(4, said + "\n", ""));
        try (Stream<Path> files = Files.list(launcher.resolveSibling("../lib"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .anyMatch(name -> name.matches("espalier-[0-9.]+\\.jsa"))
                    .hasSize(3);
        }
    }

    @Test
    void aBrokenArchiveOfClassesIsPassedOver() throws Exception {
        Path launcher = distribution();
        Map<String, String> environment = Map.of("ESPALIER_JAVA_HOME", RUNNING_JDK);
        assertThat(run(launcher, environment, "").status()).isZero();
        Path archive;
        try (Stream<Path> files = Files.list(launcher.resolveSibling("../lib"))) {
            archive = files.filter(file -> file.toString().endsWith(".jsa"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.delete(archive);
        Files.writeString(archive, "no archive");

        assertThat(run(launcher, environment, "", "x"))
                .isEqualTo(new Finished(1, Runtime.version().feature() + " x \n", ""));
    }

    @Test
    void takesTheNewestJava() throws Exception {
        Path newest = fakeJava("999.0.1");
        Finished run = run(distribution(), Map.of("JAVA_HOME", newest.toString()), "", "info");
        assertThat(run.out()).startsWith("fake 999.0.1: ").endsWith("espalier.jar info\n");
    }

    @Test
    void anOldJavaIsRefusedInOneSentence() throws Exception {
        Path old = fakeJava("11.0.2");
        Finished run = run(distribution(), Map.of("ESPALIER_JAVA_HOME", old.toString()), "");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("espalier: no Java 17 or newer was found")
                .hasLineCount(1);
    }

    @Test
    void aDistributionWithoutItsJarSaysSo() throws Exception {
        Path launcher = distribution();
        Files.delete(launcher.resolveSibling("../lib/espalier.jar"));
        Finished run = run(launcher, Map.of("ESPALIER_JAVA_HOME", RUNNING_JDK), "");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("espalier.jar is missing").hasLineCount(1);
    }

    @Test
    void aCheckoutIsBuiltOnceAndAgainWhenASourceChanges() throws Exception {
        Path launcher = checkout();
        Path builds = folder.resolve("builds");
        Map<String, String> environment = Map.of("ESPALIER_JAVA_HOME", RUNNING_JDK, "PATH", fakeMaven(builds));

        List<Process> together = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            together.add(start(launcher, environment, "x"));
        }
        for (Process process : together) {
            assertThat(finish(process, "").out()).isEqualTo(Runtime.version().feature() + " x \n");
        }
        assertThat(builds).content().hasLineCount(1);

        Path source = launcher.resolveSibling("merkle/src/main/java/A.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(3)));
        Finished again = run(launcher, environment, "", "y");
        assertThat(again.out()).isEqualTo(Runtime.version().feature() + " y \n");
        assertThat(again.err()).isEqualTo("espalier: building espalier (sources changed) ...\n");
        assertThat(builds).content().hasLineCount(2);
    }

    private record Finished(int status, String out, String err) {}

    private Path distribution() throws IOException {
        Path home = Files.createDirectories(folder.resolve("the distribution"));
        Files.createDirectories(home.resolve("lib"));
        Files.copy(jar, home.resolve("lib/espalier.jar"));
        Files.copy(ROOT.resolve("cli/src/main/dist/espalier.args"), home.resolve("lib/espalier.args"));
        return copyLauncher(Files.createDirectories(home.resolve("bin")));
    }

    private Path checkout() throws IOException {
        Path home = Files.createDirectories(folder.resolve("the checkout"));
        for (String name : List.of("pom.xml", "merkle/src/main/java/A.java", "cli/pom.xml")) {
            Files.createDirectories(home.resolve(name).getParent());
            Files.writeString(home.resolve(name), "");
        }
        Path flags = Files.createDirectories(home.resolve("cli/src/main/dist")).resolve("espalier.args");
        Files.copy(ROOT.resolve("cli/src/main/dist/espalier.args"), flags);
        return copyLauncher(home);
    }

    private static Path copyLauncher(Path target) throws IOException {
        Path launcher = target.resolve("espalier");
        Files.copy(ROOT.resolve("espalier"), launcher);
        return executable(launcher);
    }

    /** A PATH whose mvn notes that it ran and puts the jar where the build puts it. */
    private String fakeMaven(Path builds) throws IOException {
        Path bin = Files.createDirectories(folder.resolve("tools"));
        executable(Files.writeString(bin.resolve("mvn"), """
                #!/bin/sh
                echo "$*" >>'%s'
                cp '%s' cli/target/espalier.jar
                """.formatted(builds, jar)));
        return bin + ":" + System.getenv("PATH");
    }

    private Path fakeJava(String version) throws IOException {
        Path home = Files.createDirectories(folder.resolve("jdk " + version));
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        executable(Files.writeString(home.resolve("bin/java"), """
                #!/bin/sh
                echo "fake %s: $*"
                """.formatted(version)));
        return home;
    }

    private static Path executable(Path file) throws IOException {
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Finished run(Path launcher, Map<String, String> environment, String input, String... arguments)
            throws IOException, InterruptedException {
        return finish(start(launcher, environment, arguments), input);
    }

    private Process start(Path launcher, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Finished finish(Process process, String input) throws IOException, InterruptedException {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Finished(process.exitValue(), out, err);
    }
}
