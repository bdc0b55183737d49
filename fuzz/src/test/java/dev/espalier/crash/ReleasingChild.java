package dev.espalier.crash;

import dev.espalier.log.LogStore;
import dev.espalier.release.Event;
import dev.espalier.release.Link;
import dev.espalier.release.NetworkOptions;
import dev.espalier.release.Operation;
import dev.espalier.release.Provision;
import dev.espalier.release.Releases;
import dev.espalier.release.Stage;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** A process that stages a folder and provisions it. It prints the tag of each event. */
final class ReleasingChild {

    private ReleasingChild() {}

    /** Arguments: folder of the store, folder to stage, links of source, target and production. */
    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        try (LogStore store = LogStore.open(Path.of(args[0]))) {
            release(
                    store,
                    Path.of(args[1]),
                    Link.parse(args[2]),
                    Link.parse(args[3]),
                    Link.parse(args[4]),
                    event -> out.println(event.tag()));
        }
        out.println("end");
    }

    /** Hears what is told. */
    interface Ear {
        void hear(Event event);
    }

    static void release(LogStore store, Path app, Link source, Link target, Link production, Ear ear) {
        Releases releases = Releases.of(store);
        Stage.Result staged = run(releases.stage(source, Stage.Options.of(app)), ear);
        Provision.Options options = new Provision.Options(false, Duration.ZERO, NetworkOptions.none());
        run(releases.provision(new Provision.Links(staged.verlink(), target, production), options), ear);
    }

    private static <R> R run(Operation<R> operation, Ear ear) {
        try (operation) {
            return operation.onEvent(ear::hear).join();
        }
    }
}
