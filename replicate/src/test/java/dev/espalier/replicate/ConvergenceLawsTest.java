package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Log;
import dev.espalier.log.LogAudit;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.replicate.SimulatedNetwork.Host;
import dev.espalier.replicate.SimulatedNetwork.Link;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a writer, its readers and the network between them did: once the connections stay, all have the newest tree,
 * and every block that is wanted and to be had at a neighbour.
 *
 * <p>The course of things follows from a seed. {@code -Despalier.simulation.seed=N} runs one of them alone, {@code
 * -Despalier.simulation.seeds=N} that many; {@code -Despalier.simulation.first=N} begins elsewhere.
 */
@SuppressWarnings("FutureReturnValueIgnored") // wishes are watched through the logs
@Tag("exhaustive")
class ConvergenceLawsTest {

    private static final int SEEDS = 500;
    private static final int MAX_HOSTS = 5;
    private static final int MAX_LISTED = 10;

    /** How long things go wrong. */
    private static final int TROUBLE_MILLIS = 2_000;

    /** How long at most it takes until all is well again, in virtual time. */
    private static final long PATIENCE_MILLIS = 600_000;

    @TempDir(factory = MemoryFolder.class)
    Path folder;

    @Test
    void peersConvergeWhateverHappened() {
        long only = Long.getLong("espalier.simulation.seed", -1);
        long first = only >= 0 ? only : Long.getLong("espalier.simulation.first", 0);
        long count = only >= 0 ? 1 : Long.getLong("espalier.simulation.seeds", SEEDS);
        List<Host> hosts = new ArrayList<>();
        List<Long> failed = new ArrayList<>();
        try {
            for (int i = 0; i < MAX_HOSTS; i++) {
                hosts.add(new Host(LogStore.open(folder.resolve("host" + i))));
            }
            for (long seed = first; seed < first + count && failed.size() < MAX_LISTED; seed++) {
                try (Course course = new Course(seed, hosts)) {
                    course.run();
                } catch (AssertionError | RuntimeException e) {
                    failed.add(seed);
                    System.out.println("Seed " + seed + " fails; alone: mvn -o -q -Dquick -pl replicate -am test"
                            + " -Dtest=ConvergenceLawsTest -Dsurefire.failIfNoSpecifiedTests=false"
                            + " -Despalier.simulation.seed=" + seed);
                    System.out.println(e + "\n    at " + e.getStackTrace()[0]);
                }
            }
        } finally {
            hosts.forEach(Host::close);
        }
        assertThat(failed).as("seeds that fail").isEmpty();
        System.out.println("Simulated networks: " + count + " seeds converge");
    }

    /** A store's handle of the log. */
    private static final class Participant {

        final Host host;
        final Log log;
        final List<Participant> neighbours = new ArrayList<>();
        final List<CompletableFuture<?>> wishes = new ArrayList<>();

        Participant(Host host, Log log) {
            this.host = host;
            this.log = log;
        }

        boolean hasHeadOf(Participant other) {
            return log.fork() == other.log.fork()
                    && log.length() == other.log.length()
                    && log.treeHash().equals(other.log.treeHash());
        }

        /** The first absent block from {@code start} on that a neighbour with the same head holds; -1 for none. */
        long missing(long start, long end) {
            long stop = Math.min(end, log.length());
            for (long index = log.nextAbsent(start, stop); index < stop; index = log.nextAbsent(index + 1, stop)) {
                for (Participant neighbour : neighbours) {
                    if (neighbour.log.has(index) && hasHeadOf(neighbour)) {
                        return index;
                    }
                }
            }
            return -1;
        }

        void cancelOne(Random random) {
            if (!wishes.isEmpty()) {
                wishes.remove(random.nextInt(wishes.size())).cancel(false);
            }
        }
    }

    private record Wanted(Participant who, long start, long end) {}

    /** What one seed makes happen. */
    private static final class Course implements AutoCloseable {

        private final long seed;
        private final Random random;
        private final SimulatedNetwork network;
        private final List<Participant> participants = new ArrayList<>();
        private final List<Link> links = new ArrayList<>();
        private final List<Wanted> wanted = new ArrayList<>();
        private final List<CompletableFuture<Boolean>> updates = new ArrayList<>();
        private final Participant writer;
        /** Most blocks of one append, or thereabouts. */
        private final int scale;

        private final int blockBytes;
        private final boolean forks;
        /** Whether the writer gives blocks up, too. */
        private final boolean writerClears;
        /** Whether everybody wants everything in the end. */
        private final boolean all;
        /** Whether everybody is next to the writer. */
        private final boolean star;

        Course(long seed, List<Host> hosts) {
            this.seed = seed;
            random = new Random(seed);
            network = new SimulatedNetwork(random);
            int kind = random.nextInt(100);
            boolean large = seed % 250 == 249;
            scale = large ? 1 << 17 : kind < 30 ? 8 : kind < 85 ? 200 : 3_000;
            blockBytes = scale > 3_000 ? 8 : random.nextInt(4) == 0 ? 160_000 / scale : 40;
            forks = large ? seed % 1_000 < 500 : random.nextInt(2) == 0;
            writerClears = !forks && random.nextInt(2) == 0;
            all = large ? seed % 500 == 499 : random.nextInt(3) != 0;
            star = random.nextInt(3) != 0;
            KeyPair signer =
                    KeyPair.fromSeed(ByteBuffer.allocate(32).putLong(seed).array());
            Manifest manifest = Manifest.singleSigner(signer.publicKey());
            writer = new Participant(hosts.get(0), hosts.get(0).store.log(manifest, signer));
            participants.add(writer);
            int count = 2 + (all && large ? 0 : random.nextInt(random.nextInt(MAX_HOSTS - 1) + 1));
            for (int i = 1; i < count; i++) {
                Participant reader =
                        new Participant(hosts.get(i), hosts.get(i).store.log(manifest.key()));
                link(participants.get(star ? 0 : random.nextInt(i)), reader);
                participants.add(reader);
            }
            for (int i = 2; i < count; i++) {
                Participant other = participants.get(1 + random.nextInt(i - 1));
                if (star && random.nextBoolean()) {
                    link(participants.get(i), other);
                }
            }
        }

        private void link(Participant one, Participant other) {
            links.add(random.nextBoolean() ? network.link(one.host, other.host) : network.link(other.host, one.host));
            one.neighbours.add(other);
            other.neighbours.add(one);
        }

        void run() {
            append(random.nextInt(scale + 1));
            for (int steps = random.nextInt(30); steps > 0; steps--) {
                network.after(random.nextInt(TROUBLE_MILLIS), this::somethingHappens);
            }
            links.forEach(link -> network.after(random.nextInt(100), link::up));
            network.runUntil(TROUBLE_MILLIS);

            // From now on the connections stay.
            assertThat(links).as("connections that broke by themselves").noneMatch(Link::broke);
            links.forEach(Link::up);
            for (Participant participant : participants) {
                if (all) {
                    want(participant, 0, Long.MAX_VALUE);
                } else {
                    for (int ranges = random.nextInt(4); ranges > 0; ranges--) {
                        long start = random.nextInt((int) writer.log.length() + 1);
                        want(participant, start, start + 1 + random.nextInt(2_000));
                    }
                }
                updates.add(participant.host.store.source().update(participant.log));
            }
            network.settle();
            while (complaint() != null && network.millis() < PATIENCE_MILLIS && network.nextTimer()) {
                // Timers are all that is left to hope for.
            }
            assertThat(complaint()).as("what is wrong, %s", this).isNull();
            for (Participant participant : participants) {
                // Signature, tree and blocks: what is held is what the writer signed.
                assertThat(LogAudit.run(participant.log).bad()).isEmpty();
            }
        }

        private void want(Participant who, long start, long end) {
            wanted.add(new Wanted(who, start, end));
            who.wishes.add(who.log.download(start, end));
        }

        private void somethingHappens() {
            Participant who = participants.get(random.nextInt(participants.size()));
            Log log = who.log;
            switch (random.nextInt(12)) {
                case 0, 1 -> append(1 + random.nextInt(Math.max(1, scale / 4)));
                case 2, 3 -> {
                    if (forks) {
                        writer.log.truncate(random.nextInt((int) writer.log.length() + 1));
                        append(random.nextInt(Math.max(1, scale / 2)));
                    }
                }
                case 4 -> {
                    if ((writerClears || who != writer) && log.length() > 0) {
                        long start = random.nextInt((int) log.length());
                        log.clear(start, Math.min(log.length(), start + 1 + random.nextInt(50)));
                    }
                }
                case 5, 6, 7 -> {
                    Link link = links.get(random.nextInt(links.size()));
                    assertThat(link.broke())
                            .as("a connection that broke by itself")
                            .isFalse();
                    link.down();
                    network.after(random.nextInt(300), link::up);
                }
                case 8 -> who.wishes.add(log.getAsync(random.nextInt((int) log.length() + 3)));
                case 9, 10 -> {
                    long start = random.nextInt((int) log.length() + 1);
                    who.wishes.add(log.download(start, start + 1 + random.nextInt(Math.min(scale, 2_000))));
                }
                default -> who.cancelOne(random);
            }
        }

        private void append(int count) {
            List<ByteBuffer> blocks = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                byte[] block = new byte[random.nextInt(blockBytes + 1)];
                random.nextBytes(block);
                blocks.add(ByteBuffer.wrap(block));
            }
            if (count > 0) {
                writer.log.append(blocks);
            }
        }

        /** What has not come right yet; null when all has. */
        private @Nullable String complaint() {
            for (Link link : links) {
                if (link.broke()) {
                    return "a connection broke by itself";
                }
            }
            // Somebody between a reader and the writer may lack what proves the newest head, being sparse or
            // reorganised.
            // An empty tree cannot be proven at all: a reader keeps what it has until something is appended.
            boolean allFollow = (star || (all && !forks && !writerClears)) && (writer.log.length() > 0 || !forks);
            for (Participant participant : participants) {
                if (allFollow && !participant.hasHeadOf(writer)) {
                    return "participant " + participants.indexOf(participant) + " has " + participant.log.head()
                            + ", the writer " + writer.log.head();
                }
            }
            for (Wanted range : wanted) {
                long missing = range.who.missing(range.start, range.end);
                if (missing >= 0) {
                    return "participant " + participants.indexOf(range.who) + " lacks block " + missing;
                }
            }
            for (CompletableFuture<Boolean> update : updates) {
                if (allFollow && !update.isDone()) {
                    return "an update does not end";
                }
            }
            return null;
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("seed " + seed + ", " + (star ? "star" : "tree"))
                    .append(forks ? ", forks" : "")
                    .append(writerClears ? ", the writer clears" : "")
                    .append(all ? ", all is wanted" : ", parts are wanted")
                    .append(", after " + network.millis() + " ms:");
            for (Participant participant : participants) {
                text.append("\n  " + participants.indexOf(participant) + " next to");
                participant.neighbours.forEach(other -> text.append(" " + participants.indexOf(other)));
                text.append(": fork " + participant.log.fork() + ", length " + participant.log.length() + ", "
                        + participant.log.presentCount() + " blocks");
            }
            return text.toString();
        }

        @Override
        public void close() {
            network.close();
            participants.forEach(participant -> participant.log.close());
        }
    }
}
