package dev.espalier.release;

import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The story of a release on one machine: an application is staged, seeded, fetched by a second store, changed, staged
 * again, and fetched again, this time only what changed; then three people's keys make a link of production, two of them
 * sign, and it is released. Nothing leaves the loopback network.
 */
public final class Demo {

    private static final long SEEDER_SECONDS = 20;

    private Demo() {}

    /**
     * Where to leave everything.
     *
     * @param keep a folder that is empty or not there; null to leave nothing
     * @param command what a person types to run the command, such as {@code ./espalier}
     */
    public record Options(@Nullable Path keep, String command) {}

    /**
     * A chapter is done.
     *
     * @param step its number, from 1
     * @param title what was done
     * @param outcome what came of it
     * @param command how to do it by hand
     * @param seconds how long it took
     */
    public record Step(int step, String title, String outcome, List<String> command, double seconds) implements Event {

        /** Keeps its own copy. */
        public Step {
            command = List.copyOf(command);
        }

        @Override
        public String tag() {
            return "step";
        }
    }

    /**
     * How it ended: well, or it would have failed.
     *
     * @param folder where everything lies; null when nothing was left
     * @param link link of the application
     * @param verlink its second version
     * @param firstFetch blocks that the first dump fetched
     * @param secondFetch blocks that the second dump fetched
     * @param provisioned what production was made of
     * @param production what was released
     * @param seconds how long all took
     */
    public record Result(
            @Nullable Path folder,
            Link link,
            Link verlink,
            long firstFetch,
            long secondFetch,
            Link provisioned,
            Link production,
            double seconds) {}

    /** The operation; it needs no store of anybody's. */
    public static Operation<Result> operation(Options options) {
        return Operation.of(steps -> run(options, steps));
    }

    private static Result run(Options options, Steps steps) throws IOException {
        if (options.keep() == null) {
            Path folder = Files.createTempDirectory("espalier-demo");
            try {
                return new Story(folder, false, options.command(), steps).tell();
            } finally {
                DemoFiles.delete(folder);
            }
        }
        Path folder = options.keep().toAbsolutePath().normalize();
        if (Files.exists(folder) && !DemoFiles.isEmptyFolder(folder)) {
            throw new EspalierException("ERR_DIR_NONEMPTY", folder + " must be an empty folder, or not be there.");
        }
        Files.createDirectories(folder);
        return new Story(folder, true, options.command(), steps).tell();
    }

    /** One telling. */
    private static final class Story {

        private final Path app;
        private final Path copy;
        private final Path publisher;
        private final Path reader;
        private final Path folder;
        private final boolean kept;
        private final String command;
        private final Steps steps;
        private final long begun = System.nanoTime();
        private long stepBegun = begun;
        private int step;

        Story(Path folder, boolean kept, String command, Steps steps) {
            this.folder = folder;
            this.kept = kept;
            this.command = command;
            this.steps = steps;
            this.app = folder.resolve("app");
            this.copy = folder.resolve("copy");
            this.publisher = folder.resolve("publisher");
            this.reader = folder.resolve("reader");
        }

        Result tell() throws IOException {
            DemoFiles.writeApplication(app);
            done("make a small application", "7 files, one of them executable, and a link", List.of());
            try (LogStore store = LogStore.open(publisher)) {
                Releases releases = Releases.of(store);
                Link link = releases.touch().join().link();
                done("touch: make a link", link.toString(), List.of(typed("publisher", "touch")));

                Stage.Result staged = stage(releases, link);
                done(
                        "stage: bring the link to what the folder holds",
                        outcome(staged),
                        List.of(typed("publisher", "stage", shown(link), shown("app"))));

                try (Operation<Seed.Result> seed = releases.seed(link, Seed.Options.of(loopback()))) {
                    CompletableFuture<InetSocketAddress> listening = seedBeside(seed);
                    InetSocketAddress address = await(listening);
                    done(
                            "seed: hand the link to peers",
                            "listening on " + Network.address(address),
                            List.of(typed("publisher") + "seed " + link + " --listen 4000"));
                    return fetchTwice(releases, link, address);
                }
            }
        }

        private Result fetchTwice(Releases releases, Link link, InetSocketAddress address) throws IOException {
            String dump = typed("reader", "dump", shown(link), shown("copy"), "--peer 127.0.0.1:4000");
            try (LogStore store = LogStore.open(reader)) {
                Dump.Options toCopy = Dump.Options.to(copy, NetworkOptions.connect(address));
                Dump.Result first = run(Releases.of(store).dump(link, toCopy));
                DemoFiles.requireEqual(app, copy);
                done("dump: fetch it into another store, knowing only the link", fetched(first), List.of(dump));

                DemoFiles.changeApplication(app);
                Stage.Result staged = stage(releases, link);
                done(
                        "change 2 files, add 1, remove 1; stage again while it is being seeded",
                        outcome(staged),
                        List.of(
                                typed("publisher", "stage", shown(link), shown("app"), "--dry-run"),
                                typed("publisher", "stage", shown(link), shown("app"))));

                Dump.Result second = run(Releases.of(store).dump(link, toCopy.forced()));
                DemoFiles.requireEqual(app, copy);
                requireLess(first, second);
                done("dump again: only what changed is fetched", fetched(second), List.of(dump + " --force"));
                Link provisioned = provision(releases, staged.verlink());
                return new Result(
                        kept ? folder : null,
                        link,
                        staged.verlink(),
                        first.downloadedBlocks(),
                        second.downloadedBlocks(),
                        provisioned,
                        release(releases, store, provisioned, address),
                        seconds(begun));
            }
        }

        /** Production, as two of three people sign it; fetched by {@code reading}. */
        private Link release(Releases releases, LogStore reading, Link provisioned, InetSocketAddress publisher)
                throws IOException {
            String keys = "--keys " + shown("keys");
            String config = "--config " + shown("multisig.json");
            try (DemoTeam team =
                    new DemoTeam(releases, folder, provisioned.requireDrive().key())) {
                List<String> commands = new ArrayList<>();
                DemoTeam.SIGNERS.forEach(name -> commands.add(command + " multisig keys create " + name + " " + keys));
                commands.add(command + " multisig link " + config);
                done(
                        "three keys, of which two must sign: the link of production follows from them",
                        team.production().toString(),
                        commands);
                team.seed(folder, publisher);
                MultisigCommit.Result out = team.release();
                done(
                        "two stores seed it; request, sign by two, verify, commit",
                        out.quorum().total() + " / " + out.quorum().amount() + " signed, both seeders have it: "
                                + out.link(),
                        List.of(
                                typed("publisher", "multisig request", config, "> request.txt"),
                                typed("publisher", "multisig sign request.txt ann", keys, config, "> ann.txt"),
                                typed("publisher", "multisig sign request.txt bob", keys, config, "> bob.txt"),
                                typed("publisher", "multisig commit request.txt ann.txt bob.txt", config)));
                Path released = folder.resolve("released");
                Dump.Result dumped = run(Releases.of(reading)
                        .dump(team.production(), Dump.Options.to(released, NetworkOptions.connect(publisher))));
                DemoFiles.requireEqual(app, released);
                done(
                        "dump production: what was signed is what was staged",
                        fetched(dumped),
                        List.of(typed(
                                "reader",
                                "dump",
                                kept ? team.production().toString() : "PRODUCTION",
                                shown("released"),
                                "--peer 127.0.0.1:4000")));
                return out.link();
            }
        }

        private Link provision(Releases releases, Link staged) {
            Link target = run(releases.touch()).link();
            Link none = Link.of(target.requireDrive().key(), 0, 0);
            Provision.Options now = Provision.Options.of(NetworkOptions.none()).withCooldown(Duration.ZERO);
            Provision.Result done = run(releases.provision(new Provision.Links(staged, target, none), now));
            done(
                    "touch again, and provision: what production can become, without what staging left behind",
                    blocks(done.source()) + " blocks become " + blocks(done.target()) + ": "
                            + done.target().verlink(),
                    List.of(
                            typed("publisher", "touch"),
                            typed(
                                    "publisher",
                                    "provision",
                                    kept ? staged.toString() : "VERSION",
                                    kept ? target.toString() : "TARGET",
                                    kept ? none.toString() : "pear://0.0.TARGET")));
            return done.target().verlink();
        }

        private static long blocks(Provision.DriveState drive) {
            return drive.core().length()
                    + (drive.blobs() == null ? 0 : drive.blobs().length());
        }

        private Stage.Result stage(Releases releases, Link link) {
            return run(releases.stage(link, Stage.Options.of(app)));
        }

        /** An inner operation, stopped when this one is. */
        private <R> R run(Operation<R> operation) {
            steps.checkCancelled();
            try (operation) {
                return operation
                        .onEvent(event -> {
                            if (steps.isCancelled()) {
                                operation.cancel();
                            }
                        })
                        .join();
            }
        }

        private static CompletableFuture<InetSocketAddress> seedBeside(Operation<Seed.Result> seed) {
            CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();
            seed.onEvent(event -> {
                if (event instanceof PeerEvents.Listening at) {
                    listening.complete(new InetSocketAddress(at.host(), at.port()));
                }
            });
            Thread thread = new Thread(
                    () -> {
                        try {
                            seed.join();
                        } catch (RuntimeException e) {
                            listening.completeExceptionally(e);
                        }
                    },
                    "espalier-demo-seeder");
            thread.setDaemon(true);
            thread.start();
            return listening;
        }

        private static InetSocketAddress await(CompletableFuture<InetSocketAddress> listening) {
            try {
                return listening.orTimeout(SEEDER_SECONDS, TimeUnit.SECONDS).join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof TimeoutException) {
                    throw new EspalierException("ERR_TIMEOUT", "The seeder did not begin to listen in time.", e);
                }
                throw Failures.of(e.getCause() == null ? e : e.getCause());
            }
        }

        private static NetworkOptions loopback() {
            return NetworkOptions.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }

        private static void requireLess(Dump.Result first, Dump.Result second) {
            if (second.downloadedBlocks() >= first.downloadedBlocks()) {
                throw new EspalierException(
                        "ERR_INTERNAL_ERROR",
                        "The second dump fetched " + second.downloadedBlocks() + " blocks, the first one "
                                + first.downloadedBlocks() + "; it should have been fewer.");
            }
        }

        private void done(String title, String outcome, List<String> command) {
            steps.checkCancelled();
            steps.emit(new Step(++step, title, outcome, command, seconds(stepBegun)));
            stepBegun = System.nanoTime();
        }

        /** A command as it is typed. */
        private String typed(String store, String... words) {
            return command + " --storage " + shown(store) + " " + String.join(" ", words);
        }

        /** What is not kept has no name that could be typed later. */
        private String shown(Link link) {
            return kept ? link.toString() : "LINK";
        }

        private String shown(String name) {
            Path path = kept ? folder.resolve(name) : Path.of(name);
            String text = path.toString();
            boolean plain = text.chars().allMatch(c -> Character.isLetterOrDigit(c) || "/\\._-+:".indexOf(c) >= 0);
            return plain ? text : "'" + text.replace("'", "'\\''") + "'";
        }

        private static String outcome(Stage.Result staged) {
            return staged.add() + " added, " + staged.change() + " changed, " + staged.remove() + " removed: "
                    + staged.verlink();
        }

        private static String fetched(Dump.Result dumped) {
            return dumped.downloadedBlocks() + " blocks, " + SizeText.of(dumped.downloadedBytes())
                    + " fetched; the copy is equal";
        }

        private static double seconds(long since) {
            return Duration.ofNanos(System.nanoTime() - since).toMillis() / 1000.0;
        }
    }
}
