package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** In the POSIX locale the JDK takes names of files for ASCII; ours stay UTF-8. */
@DisabledOnOs(OS.WINDOWS)
class PosixLocaleTest {

    private static final String PATH = "/é/e\u0301/\ud83d\ude00 x";
    private static final String LINK = "../ü/";

    @TempDir
    Path temp;

    /** What the child process does: writes, then reads back what it and its parent wrote. */
    public static final class Child {

        private Child() {}

        public static void main(String[] args) {
            LocalFolder folder = LocalFolder.of(Path.of(args[0]));
            folder.put(PATH, "by the child".getBytes(StandardCharsets.UTF_8));
            folder.symlink("/l/é", LINK);
            folder.symlink("/l/inside", "/é/x");
            StringBuilder seen = new StringBuilder(System.getProperty("sun.jnu.encoding")).append('\n');
            for (Entry entry : folder.list("/")) {
                byte[] bytes = folder.get(entry.path());
                seen.append(entry.path())
                        .append('\t')
                        .append(entry.linkname())
                        .append('\t')
                        .append(bytes == null ? null : new String(bytes, StandardCharsets.UTF_8))
                        .append('\n');
            }
            folder.delete("/é/by the parent");
            new PrintStream(System.out, true, StandardCharsets.UTF_8).print(seen);
        }
    }

    @Test
    void namesOutsideAsciiWorkInThePosixLocale() throws Exception {
        Path root = temp.resolve("root");
        LocalFolder folder = LocalFolder.of(root);
        folder.put("/é/by the parent", "by the parent".getBytes(StandardCharsets.UTF_8));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                root.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("LC_ALL", "C");
        Path output = temp.resolve("output");
        Process process = builder.redirectOutput(output.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        List<String> lines = Files.readAllLines(output);
        assertThat(lines.get(0)).as("the locale the child ran in").isNotEqualTo("UTF-8");
        assertThat(lines.subList(1, lines.size()))
                .containsExactly(
                        "/l/inside\t/é/x\tnull",
                        "/l/é\t" + LINK + "\tnull",
                        "/é/by the parent\tnull\tby the parent",
                        PATH + "\tnull\tby the child");
        assertThat(folder.get(PATH)).asString().isEqualTo("by the child");
        assertThat(folder.entry("/l/é").linkname()).isEqualTo(LINK);
        assertThat(folder.entry("/é/by the parent")).isNull();
    }
}
