package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many logs of one store open at once: few of them have files open, and nobody who uses them can tell which. */
class ManyLogsTest {

    private static final int FILES_OF_A_LOG = 5;

    @TempDir
    Path folder;

    private static byte[] block(int log, long index) {
        return ("log " + log + " block " + index).getBytes(StandardCharsets.US_ASCII);
    }

    private static LogStore open(Path folder, StoreOptions options) {
        return LogStore.open(folder, options, new HastyStorage(), LogFiles.Segments.DEFAULT);
    }

    private static List<Log> open(LogStore store, int count) {
        List<Log> logs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            logs.add(store.log("log " + i));
        }
        return logs;
    }

    private static void close(List<? extends AutoCloseable> all) {
        OpenFiles.closeAll(all);
    }

    /** Files of logs below {@code folder} that this process has open. */
    private static long openFiles(Path folder) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(descriptor -> {
                        try {
                            return Files.readSymbolicLink(descriptor).startsWith(folder.resolve("logs"));
                        } catch (IOException e) {
                            return false; // The one that lists them.
                        }
                    })
                    .count();
        }
    }

    /** Mappings of files of logs below {@code folder}. */
    private static long mappings(Path folder) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains(folder.resolve("logs") + "/"))
                    .count();
        }
    }

    private static void assumeProc() {
        Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/self/maps")), "needs /proc");
    }

    @Test
    void openFilesAndMappingsStayWithinTheLimit() throws Exception {
        assumeProc();
        int limit = 4;
        Path real = folder.toRealPath();
        try (LogStore store = open(real, StoreOptions.defaults().withMappedLogs(limit))) {
            List<Log> logs = open(store, 40);
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < logs.size(); i++) {
                    assertThat(logs.get(i).append(block(i, round))).isEqualTo(round + 1);
                    assertThat(logs.get(i).get(round)).isEqualTo(block(i, round));
                    assertThat(openFiles(real)).isLessThanOrEqualTo(limit * FILES_OF_A_LOG);
                }
            }
            // Mappings that nobody can reach go with a collection; which may take a moment to tell.
            for (int i = 0; mappings(real) > limit * FILES_OF_A_LOG && i < 600; i++) {
                System.gc();
                TimeUnit.MILLISECONDS.sleep(50);
            }
            assertThat(mappings(real)).isPositive().isLessThanOrEqualTo(limit * FILES_OF_A_LOG);
            for (Log log : logs) {
                assertThat(LogAudit.run(log).ok()).isTrue();
                assertThat(log.contiguousLength()).isEqualTo(3);
                assertThat(log.presentCount()).isEqualTo(3);
            }
            close(logs);
            assertThat(openFiles(real)).isZero();
        }
    }

    @Test
    void viewsAndSnapshotsOfIdleLogsStayReadable() throws Exception {
        try (LogStore store = open(folder, StoreOptions.defaults().withMappedLogs(1))) {
            List<Log> logs = open(store, 3);
            List<BlockView> views = new ArrayList<>();
            List<LogSnapshot> snapshots = new ArrayList<>();
            for (int i = 0; i < logs.size(); i++) {
                logs.get(i).append(List.of(ByteBuffer.wrap(block(i, 0)), ByteBuffer.wrap(block(i, 1))));
                views.add(logs.get(i).view(1).orElseThrow());
                snapshots.add(logs.get(i).snapshot());
            }
            System.gc(); // What nobody could reach would be unmapped now.
            for (int i = 0; i < logs.size(); i++) {
                assertThat(views.get(i).bytes()).isEqualTo(ByteBuffer.wrap(block(i, 1)));
                logs.get(i).truncate(1);
                assertThat(snapshots.get(i).get(1)).isEqualTo(block(i, 1));
                assertThat(snapshots.get(i).get(0)).isEqualTo(block(i, 0));
                assertThat(views.get(i).bytes()).isEqualTo(ByteBuffer.wrap(block(i, 1)));
            }
            close(views);
            close(snapshots);
            close(logs);
        }
    }

    @Test
    void anIdleLogWasClosedCleanly() throws Exception {
        try (LogStore store = open(folder, StoreOptions.defaults().withMappedLogs(1))) {
            Log first = store.log("first");
            first.append(new byte[] {1});
            assertThat(first.core().files().head().cleanSequence()).isZero();
            Log second = store.log("second");
            second.append(new byte[] {2});
            // Read from the file itself, or this would take the first log into use again.
            Path head = LogFolder.of(folder, first.discoveryKey()).file(FileKind.HEAD);
            byte[] control = new byte[HeadDescriptor.PAGE];
            System.arraycopy(Files.readAllBytes(head), SegmentFile.HEADER_BYTES, control, 0, control.length);
            assertThat(ByteBuffer.wrap(control).order(ByteOrder.LITTLE_ENDIAN).getLong(HeadDescriptor.CLEAN))
                    .isPositive();
            assertThat(first.append(new byte[] {3})).isEqualTo(2);
        }
    }

    @Test
    void anAtomOverMoreLogsThanAreMappedHappens() {
        try (LogStore store = open(folder, StoreOptions.defaults().withMappedLogs(1))) {
            List<Log> logs = open(store, 5);
            for (int round = 0; round < 3; round++) {
                try (Atom atom = store.atom()) {
                    for (int i = 0; i < logs.size(); i++) {
                        if (round == 2) {
                            atom.truncate(logs.get(i), 1);
                        }
                        atom.append(logs.get(i), block(i, round));
                    }
                    atom.commit();
                }
            }
            for (int i = 0; i < logs.size(); i++) {
                assertThat(logs.get(i).length()).isEqualTo(2);
                assertThat(logs.get(i).get(1)).isEqualTo(block(i, 2));
                assertThat(LogAudit.run(logs.get(i)).ok()).isTrue();
            }
        }
    }

    /** Readers and writers of more logs than are mapped, all at once. */
    @Test
    void idleLogsComeBackUnderManyThreads() throws Exception {
        int count = 12;
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (LogStore store = open(folder, StoreOptions.defaults().withMappedLogs(3))) {
            List<Log> logs = open(store, count);
            List<Future<?>> work = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                SplittableRandom random = new SplittableRandom(thread);
                int own = thread;
                work.add(pool.submit(() -> {
                    for (int step = 0; step < 400; step++) {
                        int log = random.nextInt(count);
                        if (log % 4 == own && random.nextInt(4) == 0) {
                            logs.get(log).append(block(log, logs.get(log).length()));
                        } else if (logs.get(log).length() > 0) {
                            long index = random.nextLong(logs.get(log).length());
                            assertThat(logs.get(log).get(index)).isEqualTo(block(log, index));
                        }
                    }
                }));
            }
            for (Future<?> one : work) {
                one.get(60, TimeUnit.SECONDS);
            }
            for (Log log : logs) {
                assertThat(LogAudit.run(log).ok()).isTrue();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    /** Opens this many logs, appends to each and reads each again; prints how many files and mappings are open then. */
    static final class Child {

        private Child() {}

        /** Arguments: folder, number of logs. */
        public static void main(String[] args) throws IOException {
            Path folder = Path.of(args[0]);
            int count = Integer.parseInt(args[1]);
            try (LogStore store = open(folder, StoreOptions.defaults())) {
                List<Log> logs = open(store, count);
                for (int i = 0; i < count; i++) {
                    logs.get(i).append(block(i, 0));
                }
                for (int i = 0; i < count; i++) {
                    if (!ByteBuffer.wrap(block(i, 0))
                            .equals(ByteBuffer.wrap(logs.get(i).get(0)))) {
                        throw new IllegalStateException("log " + i);
                    }
                }
                System.gc();
                long heap = Runtime.getRuntime().totalMemory()
                        - Runtime.getRuntime().freeMemory();
                System.out.println("open logs: " + count + ", files open: " + openFiles(folder) + ", mappings: "
                        + mappings(folder) + ", heap: " + (heap >> 10) + " KiB of "
                        + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
                close(logs);
            }
        }
    }

    @Test
    void aThousandLogsAreOpenInASmallHeap() throws Exception {
        assumeProc();
        Process child = Children.startWithHeap(
                "-Xmx128m", Child.class, folder.toRealPath().toString(), "1000");
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(child.waitFor()).as(said).isZero();
        assertThat(said).startsWith("open logs: 1000");
        System.out.print(said);
    }
}
