package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** A store, and somebody who works with it. */
final class Machine implements AutoCloseable {

    final LogStore store;
    final Releases releases;
    final List<Event> events = new ArrayList<>();

    Machine(Path folder) {
        store = LogStore.open(folder);
        releases = Releases.of(store);
    }

    Link touch() {
        return releases.touch().join().link();
    }

    /** Runs it and keeps what it tells. */
    <R> R run(Operation<R> operation) {
        events.clear();
        try (operation) {
            return operation.onEvent(events::add).join();
        }
    }

    Stage.Result stage(Link link, Path folder) {
        return run(releases.stage(link, Stage.Options.of(folder)));
    }

    Provision.Result provision(Link source, Link target, Link production) {
        return run(provisioning(source, target, production, here()));
    }

    Operation<Provision.Result> provisioning(Link source, Link target, Link production, Provision.Options options) {
        return releases.provision(new Provision.Links(source, target, production), options);
    }

    /** Without peers, and without anybody who would change their mind. */
    static Provision.Options here() {
        return new Provision.Options(false, Duration.ZERO, NetworkOptions.none());
    }

    /** Events of a kind that the last operation told. */
    <E extends Event> List<E> events(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    List<String> tags() {
        return events.stream().map(Event::tag).distinct().toList();
    }

    Drive open(Link link) {
        return Drive.open(store, link.requireDrive().key());
    }

    /** Lengths, forks and tree hashes of both logs of a drive, where something of it is here. */
    Contents contents(Link link) {
        try (Drive drive = open(link)) {
            return new Contents(Half.of(drive.db()), drive.contentKey().isEmpty() ? null : Half.of(drive.blobs()));
        }
    }

    /** What two machines compare. */
    record Contents(Half db, Half blobs) {}

    /** One log. */
    record Half(long length, long fork, Hash treeHash) {
        static Half of(Log log) {
            return new Half(log.length(), log.fork(), log.treeHash());
        }
    }

    /** Seeds a link until closed, to whoever comes and to these. */
    Seeder seed(Link link, InetSocketAddress... peers) {
        return new Seeder(link, List.of(peers));
    }

    /** A seeder on a thread of its own. */
    final class Seeder implements AutoCloseable {

        private final Operation<Seed.Result> operation;
        private final CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();
        private final CompletableFuture<Void> ended;

        Seeder(Link link, List<InetSocketAddress> peers) {
            NetworkOptions network = new NetworkOptions(
                    List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                    peers,
                    NetworkOptions.DEFAULT_TIMEOUT);
            operation = releases.seed(link, Seed.Options.of(network)).onEvent(event -> {
                if (event instanceof PeerEvents.Listening at) {
                    listening.complete(new InetSocketAddress(at.host(), at.port()));
                }
            });
            ended = CompletableFuture.runAsync(operation::join, task -> new Thread(task, "seeder").start())
                    .whenComplete((nothing, failure) -> {
                        if (failure != null) {
                            listening.completeExceptionally(failure);
                        }
                    });
        }

        InetSocketAddress address() {
            return listening.join();
        }

        @Override
        public void close() {
            operation.close();
            ended.join();
        }
    }

    @Override
    public void close() {
        store.close();
    }

    // ---- applications

    /** Writes a package.json and three files that depend on the number. */
    static Path application(Path folder, String version, int number) {
        try {
            write(folder, "package.json", "{\"name\":\"hello\",\"version\":\"" + version + "\"}\n");
            write(folder, "by-arch/linux-x64/app/hello", "hello " + number + "\n");
            write(folder, "by-arch/linux-x64/app/same", "always the same\n");
            byte[] film = new byte[150_000 + number];
            new Random(number).nextBytes(film);
            Files.write(folder.resolve("film.bin"), film);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(Path folder, String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** The version of a link. */
    static Link at(Link link, long length) {
        return Link.of(link.requireDrive().key(), 0, length);
    }

    static Key key(Link link) {
        return link.requireDrive().key();
    }
}
