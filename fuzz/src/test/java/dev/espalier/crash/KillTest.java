package dev.espalier.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Log;
import dev.espalier.log.LogAudit;
import dev.espalier.log.LogStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that appends to a log, again and again: what it had acknowledged is there, and the log verifies. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class KillTest {

    private static final int ROUNDS = Integer.getInteger("espalier.kill.rounds", 20);

    @TempDir
    Path folder;

    /** What a child said last. */
    private record Acknowledged(long fork, long length) {}

    @Test
    void everyAcknowledgedLengthIsThereAfterKillingTheWriter() throws Exception {
        SplittableRandom random = new SplittableRandom(20);
        long steps = 0;
        Acknowledged last = new Acknowledged(0, 0);
        for (int round = 0; round < ROUNDS; round++) {
            int lines = 1 + random.nextInt(200);
            // In turns with and without the access that makes the store map its files through Chronicle.
            List<String> access = round % 2 == 0 ? List.of() : accessOfThisJvm();
            last = runAndKill(access, random.nextLong(), lines, last);
            steps += lines;
            check(last);
        }
        System.out.println("kill -9: " + ROUNDS + " rounds, at least " + steps + " acknowledged steps, last " + last);
    }

    private Acknowledged runAndKill(List<String> access, long seed, int lines, Acknowledged before) throws Exception {
        Process child = start(access, seed);
        Acknowledged last = before;
        try (BufferedReader out = child.inputReader(StandardCharsets.US_ASCII)) {
            for (int i = 0; i < lines; i++) {
                last = parse(out.readLine());
            }
            child.toHandle().destroyForcibly(); // The process's own method would close its output, too.
            // What it said between the decision to kill it and its end counts, too; a cut line does not.
            StringBuilder rest = new StringBuilder();
            for (int c = out.read(); c >= 0; c = out.read()) {
                rest.append((char) c);
            }
            List<String> complete =
                    rest.substring(0, rest.lastIndexOf("\n") + 1).lines().toList();
            if (!complete.isEmpty()) {
                last = parse(complete.get(complete.size() - 1));
            }
        } finally {
            child.destroyForcibly();
        }
        assertThat(child.waitFor()).as("killed, not ended").isEqualTo(128 + 9);
        return last;
    }

    private static List<String> accessOfThisJvm() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-"))
                .toList();
    }

    private Process start(List<String> access, long seed) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(access);
        command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(AppendingChild.class.getName(), folder.toString(), Long.toString(seed)));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Acknowledged parse(String line) {
        assertThat(line).as("the child went on").isNotNull().matches("\\d+ \\d+");
        String[] parts = line.split(" ", -1);
        return new Acknowledged(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }

    private void check(Acknowledged said) {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log(AppendingChild.NAME)) {
            // The step after the last acknowledged one may have happened: an append, or one truncation.
            if (log.fork() == said.fork()) {
                assertThat(log.length()).isGreaterThanOrEqualTo(said.length());
            } else {
                assertThat(log.fork()).isEqualTo(said.fork() + 1);
            }
            LogAudit.Report report = LogAudit.run(log);
            assertThat(report.bad()).isEmpty();
            assertThat(report.blocks()).isEqualTo(log.length());
            long fork = 0;
            for (long i = 0; i < log.length(); i++) {
                byte[] block = log.get(i);
                long writtenIn = ByteBuffer.wrap(block).getLong();
                assertThat(writtenIn).isBetween(fork, log.fork());
                assertThat(block).isEqualTo(AppendingChild.block(writtenIn, i));
                fork = writtenIn;
            }
        }
    }
}
