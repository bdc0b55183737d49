package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A project {@code my-app} with what five machines made of it, put together in the folder above. */
@DisabledOnOs(OS.WINDOWS)
class BuildCommandTest {

    private static final String MANIFEST =
            "{ \"name\":\"hello\",  \"productName\":\"Hello\",\n \"version\":\"1.0.0\" }\n";

    @TempDir
    Path folder;

    private Shell shell;
    private Golden golden;

    @BeforeEach
    void makeProject() throws IOException {
        shell = new Shell(folder);
        golden = new Golden(folder);
        write("my-app/package.json", MANIFEST);
        for (String arch : List.of("darwin-arm64", "darwin-x64")) {
            String app = "my-app/out/Hello-" + arch + "/Hello.app/Contents/";
            executable(app + "MacOS/Hello", "program for " + arch);
            write(app + "Resources/.github/keep", "kept");
            write(app + "Frameworks/F/Versions/A/F", "framework");
            Files.createSymbolicLink(folder.resolve(app + "Frameworks/F/Versions/Current"), Path.of("A"));
            Files.createSymbolicLink(folder.resolve(app + "Frameworks/F/F"), Path.of("Versions/Current/F"));
        }
        for (String arch : List.of("linux-arm64", "linux-x64")) {
            executable("my-app/out/Hello-" + arch + "/Hello.AppImage", "program for " + arch);
        }
        write("my-app/out/Hello-win32-x64/Hello.msix", "program for win32-x64");
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void executable(String name, String text) throws IOException {
        write(name, text);
        Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Shell.Said type(String... typed) {
        Shell.Said said = shell.run(typed);
        golden.note(said, typed);
        return said;
    }

    /** Every file, with an asterisk when it can be run, and every link with where it leads. */
    private List<String> tree(String name) throws IOException {
        Path root = folder.resolve(name);
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> Files.isSymbolicLink(file) || Files.isRegularFile(file))
                    .map(file -> root.relativize(file) + kind(file))
                    .sorted()
                    .toList();
        }
    }

    private static String kind(Path file) {
        try {
            return Files.isSymbolicLink(file)
                    ? " -> " + Files.readSymbolicLink(file)
                    : Files.isExecutable(file) ? "*" : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void fiveBuildsBecomeOneFolder() throws IOException {
        type(
                "build",
                "--package=my-app/package.json",
                "--darwin-arm64-app",
                "my-app/out/Hello-darwin-arm64/Hello.app",
                "--darwin-x64-app",
                "my-app/out/Hello-darwin-x64/Hello.app",
                "--linux-arm64-app",
                "my-app/out/Hello-linux-arm64/Hello.AppImage",
                "--linux-x64-app",
                "my-app/out/Hello-linux-x64/Hello.AppImage",
                "--win32-x64-app",
                "my-app/out/Hello-win32-x64/Hello.msix");
        String mac = "/app/Hello.app/Contents/";
        assertThat(tree("hello-1.0.0"))
                .containsExactly(
                        "by-arch/darwin-arm64" + mac + "Frameworks/F/F -> Versions/Current/F",
                        "by-arch/darwin-arm64" + mac + "Frameworks/F/Versions/A/F",
                        "by-arch/darwin-arm64" + mac + "Frameworks/F/Versions/Current -> A",
                        "by-arch/darwin-arm64" + mac + "MacOS/Hello*",
                        "by-arch/darwin-arm64" + mac + "Resources/.github/keep",
                        "by-arch/darwin-x64" + mac + "Frameworks/F/F -> Versions/Current/F",
                        "by-arch/darwin-x64" + mac + "Frameworks/F/Versions/A/F",
                        "by-arch/darwin-x64" + mac + "Frameworks/F/Versions/Current -> A",
                        "by-arch/darwin-x64" + mac + "MacOS/Hello*",
                        "by-arch/darwin-x64" + mac + "Resources/.github/keep",
                        "by-arch/linux-arm64/app/Hello.AppImage*",
                        "by-arch/linux-x64/app/Hello.AppImage*",
                        "by-arch/win32-x64/app/Hello.msix",
                        "package.json");
        assertThat(folder.resolve("hello-1.0.0/package.json")).hasContent(MANIFEST);
        assertThat(folder.resolve("hello-1.0.0/by-arch/linux-x64/app/Hello.AppImage"))
                .hasContent("program for linux-x64");
        assertThat(folder.resolve("store")).doesNotExist();
        golden.check("build");
    }

    @Test
    void everyPlatformHasItsFlag() throws IOException {
        List<String> typed = Stream.of(
                        "darwin-arm64-app",
                        "darwin-x64-app",
                        "linux-arm64-app",
                        "linux-x64-app",
                        "win32-x64-app",
                        "win32-arm64-app",
                        "ios-arm64",
                        "ios-arm64-simulator",
                        "ios-x64-simulator",
                        "android-arm64")
                .flatMap(flag -> Stream.of("--" + flag, "my-app/out/" + flag + "/Hello"))
                .toList();
        for (int i = 1; i < typed.size(); i += 2) {
            write(typed.get(i) + "/app.bundle", typed.get(i));
        }
        Shell.Said said = shell.run(Stream.concat(Stream.of("build", "--json", "--package", "my-app"), typed.stream())
                .toArray(String[]::new));
        assertThat(said.status()).as(said.err()).isZero();
        assertThat(said.events("mirroring")).hasSize(10);
        assertThat(said.events("mirrored")).hasSize(10);
        for (int i = 0; i < typed.size(); i += 2) {
            String arch = typed.get(i).substring(2).replace("-app", "");
            assertThat(folder.resolve("hello-1.0.0/by-arch/" + arch + "/app/Hello/app.bundle"))
                    .hasContent(typed.get(i + 1));
        }
    }

    @Test
    void buildsOfSeveralMachinesMeetInOneFolder() throws IOException {
        type("build", "--package", "my-app", "--linux-x64-app", "my-app/out/Hello-linux-x64/Hello.AppImage");
        // It comes again, with a change and without a file.
        String app = "my-app/out/Hello-darwin-arm64/Hello.app";
        type("build", "--package", "my-app", "--darwin-arm64-app", app, "--json");
        Files.delete(folder.resolve(app + "/Contents/Resources/.github/keep"));
        executable(app + "/Contents/MacOS/Hello", "a better program");
        type("build", "--package", "my-app", "--darwin-arm64-app", app);
        assertThat(tree("hello-1.0.0"))
                .contains("by-arch/linux-x64/app/Hello.AppImage*")
                .doesNotContain("by-arch/darwin-arm64/app/Hello.app/Contents/Resources/.github/keep");
        assertThat(folder.resolve("hello-1.0.0/by-arch/darwin-arm64/app/Hello.app/Contents/MacOS/Hello"))
                .hasContent("a better program");
        write("my-app/package.json", MANIFEST.replace("1.0.0", "1.0.1"));
        type("build", "--package", "my-app", "--darwin-arm64-app", app, "--target", "hello-1.0.0");
        // What was a folder can become a file.
        Files.move(folder.resolve(app), folder.resolve("old"));
        write(app, "a file");
        type("build", "--package", "my-app", "--darwin-arm64-app", app, "--target", "hello-1.0.0", "--json");
        assertThat(folder.resolve("hello-1.0.0/by-arch/darwin-arm64/app/Hello.app"))
                .hasContent("a file");
        golden.check("build-merged");
    }

    @Test
    void whatWouldGoWrongIsRefusedBeforeAnythingIsWritten() throws IOException {
        String linux = "my-app/out/Hello-linux-x64/Hello.AppImage";
        String mac = "my-app/out/Hello-darwin-x64/Hello.app";
        type("build", "--linux-x64-app", linux);
        type("build", "--package", "my-app");
        type("build", "--package", "nowhere/package.json", "--linux-x64-app", linux);
        type("build", "--package", "my-app", "--linux-x64-app", "my-app/out/None.AppImage");
        write("my-app/out/Other.AppImage", "other");
        type("build", "--package", "my-app", "--linux-x64-app", "my-app/out/Other.AppImage");
        Files.createSymbolicLink(folder.resolve("Hello.exe"), Path.of("my-app/out/Other.AppImage"));
        type("build", "--package", "my-app", "--win32-x64-app", "Hello.exe");
        // Into what is built, or around it.
        type("build", "--package", "my-app", "--linux-x64-app", linux, "--target", "my-app/my-build");
        Files.createSymbolicLink(folder.resolve("elsewhere"), Path.of("my-app"));
        type("build", "--package", "my-app", "--linux-x64-app", linux, "--target", "elsewhere/new/build");
        type("build", "--package", "my-app", "--linux-x64-app", linux, "--target", "my-app");
        type("build", "--package", "my-app", "--linux-x64-app", linux, "--target", ".");
        Files.createDirectories(folder.resolve("moved"));
        Files.move(folder.resolve("my-app/out"), folder.resolve("moved/out"));
        mac = mac.replace("my-app", "moved");
        type("build", "--package", "my-app", "--darwin-x64-app", mac, "--target", mac + "/Contents");
        type("build", "--package", "my-app", "--darwin-x64-app", mac, "--target", "moved", "--json");
        write("photos/cat.jpg", "a cat");
        type("build", "--package", "my-app", "--darwin-x64-app", mac, "--target", "photos");
        write("my-app/package.json", "{\"name\":\"Hello\"}");
        type("build", "--package", "my-app", "--darwin-x64-app", mac);
        write("my-app/package.json", "{\"version\":\"1.0.0\"}");
        type("build", "--package", "my-app", "--darwin-x64-app", mac);
        golden.check("build-mistakes");
        assertThat(tree("photos")).containsExactly("cat.jpg");
        assertThat(folder.resolve("hello-1.0.0")).doesNotExist();
        assertThat(tree("my-app")).containsExactly("package.json");
    }

    @Test
    void anOlderFolderIsStagedAgainUnderAHigherVersion() throws IOException {
        String linux = "my-app/out/Hello-linux-x64/Hello.AppImage";
        String link = shell.run("touch").out().strip();
        for (String version : List.of("1.0.0", "1.1.0")) {
            assertThat(shell.run("set", "version", version, "my-app").status()).isZero();
            executable(linux, "program " + version);
            assertThat(shell.run("build", "--package", "my-app", "--linux-x64-app", linux)
                            .status())
                    .isZero();
            assertThat(shell.run("stage", link, "hello-" + version).err()).isEmpty();
        }
        assertThat(shell.run("stage", link, "hello-1.0.0", "--dry-run").err()).contains("No application will update");
        assertThat(shell.run("set", "version", "1.1.1", "hello-1.0.0").status()).isZero();
        Shell.Said back = shell.run("stage", link, "hello-1.0.0");
        assertThat(back.err()).isEmpty();
        assertThat(back.out()).contains("0 added, 2 changed, 0 removed");
        assertThat(shell.run("dump", link, "out").status()).isZero();
        assertThat(tree("out")).containsExactly("by-arch/linux-x64/app/Hello.AppImage*", "package.json");
        assertThat(folder.resolve("out/by-arch/linux-x64/app/Hello.AppImage")).hasContent("program 1.0.0");
        assertThat(Files.readString(folder.resolve("out/package.json"))).contains("1.1.1");
    }
}
