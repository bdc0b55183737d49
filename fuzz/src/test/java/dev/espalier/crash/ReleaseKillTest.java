package dev.espalier.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.drive.Drive;
import dev.espalier.log.LogAudit;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.release.Link;
import dev.espalier.release.Releases;
import dev.espalier.release.Stage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that stages and provisions: whoever does it again ends with the same trees as if nobody had. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@Tag("exhaustive")
class ReleaseKillTest {

    private static final int ROUNDS = Integer.getInteger("espalier.kill.rounds", 4);

    @TempDir
    Path folder;

    private Path before;
    private Path after;

    /** Both logs of both drives. */
    private record Trees(Hash sourceDb, Hash sourceBlobs, Hash targetDb, Hash targetBlobs) {}

    @BeforeEach
    void write() throws IOException {
        before = write("before", "1.0.0", 12, 1);
        after = write("after", "1.1.0", 20, 2);
    }

    private Path write(String name, String version, int files, int seed) throws IOException {
        Path app = Files.createDirectories(folder.resolve(name));
        Files.writeString(app.resolve("package.json"), "{\"name\":\"hello\",\"version\":\"" + version + "\"}\n");
        Random random = new Random(seed);
        for (int i = 0; i < files; i++) {
            byte[] bytes = new byte[i % 5 == 0 ? 1_200_000 : random.nextInt(70_000)];
            random.nextBytes(bytes);
            Files.write(app.resolve("file" + (i * seed)), bytes);
        }
        return app;
    }

    @Test
    void whateverIsKilledIsDoneAgainWithTheSameResult() throws Exception {
        Random random = new Random(5);
        Path place = folder.resolve("store");
        Link production;
        Trees expected;
        List<String> tags = new ArrayList<>();
        try (LogStore store = LogStore.open(place)) {
            production = touch(store);
            Link first = touch(store);
            ReleasingChild.release(store, before, first, production, Link.of(key(production), 0, 0), event -> {});
            production = verlink(store, production);
            Link source = staged(store);
            Link target = touch(store);
            ReleasingChild.release(store, after, source, target, production, event -> tags.add(event.tag()));
            expected = trees(store, source, target);
        }
        Map<String, Integer> killedAfter = new TreeMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            Link source;
            Link target;
            try (LogStore store = LogStore.open(place)) {
                source = staged(store);
                target = touch(store);
            }
            String last = runAndKill(
                    someLine(tags, random),
                    random.nextInt(20_000_000),
                    List.of(place, after, source, target, production));
            killedAfter.merge(last, 1, Integer::sum);
            try (LogStore store = LogStore.open(place)) {
                ReleasingChild.release(store, after, source, target, production, event -> {});
                assertThat(trees(store, source, target))
                        .as("round %d, killed after \"%s\"", round, last)
                        .isEqualTo(expected);
                audit(store, source);
                audit(store, target);
            }
        }
        System.out.println("kill -9: " + ROUNDS + " releases, killed after " + killedAfter);
    }

    /** A line, each step being as likely as any other, however many lines it has. */
    private static int someLine(List<String> tags, Random random) {
        List<Integer> starts = new ArrayList<>();
        for (int i = 0; i < tags.size(); i++) {
            if (i == 0 || !tags.get(i).equals(tags.get(i - 1))) {
                starts.add(i);
            }
        }
        int step = random.nextInt(starts.size());
        int end = step + 1 < starts.size() ? starts.get(step + 1) : tags.size();
        return starts.get(step) + random.nextInt(end - starts.get(step));
    }

    /** Lets it say so many lines, then go on for a while; returns the last thing it said. */
    private String runAndKill(int lines, int nanos, List<?> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
        command.add(ReleasingChild.class.getName());
        arguments.forEach(argument -> command.add(argument.toString()));
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String last = "nothing";
        try (BufferedReader out = child.inputReader(StandardCharsets.US_ASCII)) {
            for (int i = 0; i < lines; i++) {
                last = out.readLine();
                assertThat(last).as("the child went on").isNotNull();
            }
            long until = System.nanoTime() + nanos;
            while (System.nanoTime() < until) {
                Thread.onSpinWait(); // Where in the next step it is hit is for the dice.
            }
            child.toHandle().destroyForcibly();
        } finally {
            child.destroyForcibly();
        }
        child.waitFor();
        return last;
    }

    private Link staged(LogStore store) {
        Link source = touch(store);
        try (var stage = Releases.of(store).stage(source, Stage.Options.of(before))) {
            return Link.of(key(stage.join().link()));
        }
    }

    private static Link touch(LogStore store) {
        try (var touch = Releases.of(store).touch()) {
            return touch.join().link();
        }
    }

    private static Key key(Link link) {
        return link.requireDrive().key();
    }

    private static Link verlink(LogStore store, Link link) {
        try (Drive drive = Drive.open(store, key(link))) {
            return Link.of(key(link), drive.fork(), drive.version());
        }
    }

    private static Trees trees(LogStore store, Link source, Link target) {
        try (Drive from = Drive.open(store, key(source));
                Drive to = Drive.open(store, key(target))) {
            assertThat(from.fork()
                            + to.fork()
                            + from.blobs().fork()
                            + to.blobs().fork())
                    .isZero();
            return new Trees(
                    from.db().treeHash(),
                    from.blobs().treeHash(),
                    to.db().treeHash(),
                    to.blobs().treeHash());
        }
    }

    private static void audit(LogStore store, Link link) {
        try (Drive drive = Drive.open(store, key(link))) {
            assertThat(LogAudit.run(drive.db()).bad()).isEmpty();
            assertThat(LogAudit.run(drive.blobs()).bad()).isEmpty();
        }
    }
}
