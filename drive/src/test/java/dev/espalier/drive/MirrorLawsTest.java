package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.LogStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Mirroring makes equal, whatever was there before. */
class MirrorLawsTest {

    /** A link to {@code link} where that is given, else a file of {@code size} bytes from {@code seed}. */
    record Node(@Nullable String link, int seed, int size, boolean executable) {}

    @Provide
    Arbitrary<SortedMap<String, Node>> trees() {
        // Both normal forms of one letter, spaces, names that are prefixes of others, names around the slash.
        Arbitrary<String> name = Arbitraries.of(
                "a",
                "b",
                "a b",
                "é",
                "e\u0301",
                "a.txt",
                "a0",
                "a!",
                "-",
                ".hidden",
                "\ud83d\ude00",
                "%41",
                "ü.é",
                "#?&");
        Arbitrary<String> path = name.list().ofMinSize(1).ofMaxSize(6).map(names -> "/" + String.join("/", names));
        Arbitrary<Integer> size = Arbitraries.of(0, 1, 100, 65_535, 65_536, 65_537, 200_000);
        Arbitrary<String> link =
                Arbitraries.of("a", "../é", "/a b/é", ".", "e\u0301/", "/").injectNull(0.8);
        Arbitrary<Node> node = Combinators.combine(
                        link, Arbitraries.integers().between(1, 5), size, Arbitraries.of(true, false))
                .as(Node::new);
        return Arbitraries.maps(path, node).ofMaxSize(14).map(MirrorLawsTest::withoutConflicts);
    }

    /** A folder on disk cannot have a file and a folder of one name: drops what is below files. */
    private static SortedMap<String, Node> withoutConflicts(java.util.Map<String, Node> nodes) {
        TreeMap<String, Node> kept = new TreeMap<>();
        new TreeMap<>(nodes).forEach((path, node) -> {
            boolean below = false;
            for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
                below |= kept.containsKey(path.substring(0, slash));
            }
            if (!below) {
                kept.put(path, node);
            }
        });
        return kept;
    }

    private static void write(WritableTree tree, SortedMap<String, Node> nodes) {
        nodes.forEach((path, node) -> {
            if (node.link() != null) {
                tree.symlink(path, node.link());
            } else {
                tree.put(
                        path,
                        ByteBuffer.wrap(Vectors.bytes(node.seed(), node.size())),
                        node.executable() ? PutOptions.EXECUTABLE : PutOptions.NONE);
            }
        });
    }

    private static List<String> listing(FileTree tree) {
        List<String> lines = new ArrayList<>();
        for (Entry entry : tree.list("/")) {
            byte[] bytes = tree.get(entry.path());
            lines.add(entry.path() + " " + entry.linkname() + " " + entry.executable() + " "
                    + (bytes == null ? "" : Vectors.sha256(bytes)));
        }
        return lines;
    }

    private static void remove(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Property(tries = 25)
    void fromFolderToDriveToFolderAllStaysAsItIs(
            @ForAll("trees") SortedMap<String, Node> first,
            @ForAll("trees") SortedMap<String, Node> second,
            @ForAll boolean batch,
            @ForAll boolean durable)
            throws IOException {
        Path temp = Files.createTempDirectory("mirror");
        try (LogStore store = LogStore.open(temp.resolve("store"));
                Drive drive = Drive.open(store, "x")) {
            LocalFolder target = LocalFolder.of(temp.resolve("target")).durable(durable);
            int round = 0;
            for (SortedMap<String, Node> nodes : List.of(first, second)) {
                LocalFolder source =
                        LocalFolder.of(temp.resolve("source" + round++)).durable(false);
                write(source, nodes);
                assertThat(listing(source)).hasSize(nodes.size());
                List<MirrorOp> planned = new ArrayList<>();
                MirrorResult dry = Mirror.from(source).to(drive).dryRun(true).run(planned::add);
                List<MirrorOp> done = new ArrayList<>();
                MirrorResult wet = Mirror.from(source).to(drive).batch(batch).run(done::add);
                assertThat(done).isEqualTo(planned);
                assertThat(wet).isEqualTo(dry);
                assertThat(listing(drive)).isEqualTo(listing(source));
                Mirror.from(drive).to(target).run();
                assertThat(listing(target)).isEqualTo(listing(source));
                long version = drive.version();
                assertThat(Mirror.from(source).to(drive).run().isEqual()).isTrue();
                assertThat(Mirror.from(target).to(drive).run().isEqual()).isTrue();
                assertThat(Mirror.from(drive).to(target).run().isEqual()).isTrue();
                assertThat(drive.version()).isEqualTo(version);
            }
            try (Stream<Path> left = Files.walk(temp)) {
                assertThat(left.filter(path -> path.toString().endsWith(".tmp")))
                        .isEmpty();
            }
        } finally {
            remove(temp);
        }
    }

    @Property(tries = 25)
    void aDifferenceSaysWhatAMirrorDid(
            @ForAll("trees") SortedMap<String, Node> first, @ForAll("trees") SortedMap<String, Node> second)
            throws IOException {
        Path temp = Files.createTempDirectory("mirror");
        try (LogStore store = LogStore.open(temp.resolve("store"));
                Drive source = Drive.open(store, "source");
                Drive target = Drive.open(store, "target")) {
            write(target, first);
            long before = target.version();
            write(source, second);
            TreeMap<String, String> told = new TreeMap<>();
            Mirror.from(source)
                    .to(target)
                    .run(op -> told.put(op.path(), op.type().name()));
            TreeMap<String, String> found = new TreeMap<>();
            for (Drive.Change change : target.diff(before)) {
                String type = change.other() == null ? "ADD" : change.current() == null ? "REMOVE" : "CHANGE";
                found.put(change.path(), type);
            }
            assertThat(found).isEqualTo(told);
        } finally {
            remove(temp);
        }
    }
}
