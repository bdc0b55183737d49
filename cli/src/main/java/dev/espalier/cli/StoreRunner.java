package dev.espalier.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.cli.holder.HolderClient;
import dev.espalier.cli.holder.HolderServer;
import dev.espalier.cli.holder.InputPipe;
import dev.espalier.cli.holder.Request;
import dev.espalier.log.LogStore;
import dev.espalier.log.StoreOptions;
import dev.espalier.merkle.EspalierException;
import dev.espalier.release.Event;
import dev.espalier.release.Failures;
import dev.espalier.release.Json;
import dev.espalier.release.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs commands in the process where they were typed: on the store, or, when another process holds it, through that one
 * (command contract §1).
 */
final class StoreRunner implements Runner {

    private static final Logger LOG = LoggerFactory.getLogger(StoreRunner.class);
    private static final String IN_USE = "ERR_STORE_IN_USE";
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long RETRY_MILLIS = 50;

    private final Terminal terminal;
    private final GlobalOptions options;
    private final List<String> arguments;

    StoreRunner(Terminal terminal, GlobalOptions options, List<String> arguments) {
        this.terminal = terminal;
        this.options = options;
        this.arguments = List.copyOf(arguments);
    }

    @Override
    public int run(OperationCommand command) {
        Output shown = options.json
                ? new JsonOutput(terminal, command.name(), options.verbose)
                : new HumanOutput(terminal, command.name(), options.verbose, command::show, command::note);
        Output output = new Concluding(command, shown);
        try {
            command.prepare(event -> tell(output, event));
            return command.storeUse() == OperationCommand.StoreUse.NONE
                    ? runHere(command, null, output)
                    : runOnStore(command, output);
        } catch (OutputClosedException e) {
            // Nobody is there to be told.
            return 1;
        } catch (IOException | RuntimeException | Error e) {
            output.failed(Execution.failure(e));
            return terminal.interruption().isWished() ? Interruption.STATUS : 1;
        }
    }

    private int runOnStore(OperationCommand command, Output output) throws IOException {
        Path folder = StoreFolder.of(options.storage, terminal);
        boolean ifThere = command.storeUse() == OperationCommand.StoreUse.IF_THERE;
        StoreOptions how = ifThere || command.storeUse() == OperationCommand.StoreUse.EXISTING
                ? StoreOptions.defaults().existing()
                : StoreOptions.defaults();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            EspalierException inUse;
            try (LogStore store = LogStore.open(folder, how)) {
                return runHolding(command, store, folder, output);
            } catch (EspalierException e) {
                if (ifThere && e.code().equals("ERR_NOT_FOUND")) {
                    return runHere(command, null, output);
                }
                if (!e.code().equals(IN_USE)) {
                    throw e;
                }
                inUse = e;
            }
            HolderClient holder = HolderClient.ask(folder, new Request(arguments, terminal.folder()));
            if (holder != null) {
                return runThere(command, holder, output);
            }
            // A short command holds it, or a long one that begins or ends at this moment.
            if (System.nanoTime() - deadline >= 0 || terminal.interruption().isWished()) {
                throw inUse;
            }
            pause();
        }
    }

    private int runHolding(OperationCommand command, LogStore store, Path folder, Output output) throws IOException {
        if (command.storeUse() != OperationCommand.StoreUse.HOLDING) {
            return runHere(command, store, output);
        }
        try (HolderServer server = serve(store, folder)) {
            return runHere(command, store, output);
        }
    }

    private int runHere(OperationCommand command, @Nullable LogStore store, Output output) {
        InputPipe input = command.readsInput() ? InputPipe.from(terminal.in()) : new InputPipe();
        Workspace work = new Workspace(
                store,
                input,
                terminal.out(),
                terminal.folder(),
                StoreFolder.of(options.storage, terminal),
                options.json,
                event -> tell(output, event));
        try (Interruption.Registration ignored =
                terminal.interruption().onWish(() -> input.fail("interrupted while waiting for input"))) {
            return Execution.run(command, work, output, terminal.interruption());
        }
    }

    /** Null when the system cannot; the command itself works all the same. */
    private static @Nullable HolderServer serve(LogStore store, Path folder) {
        try {
            return HolderServer.start(folder, new HolderRunner(store));
        } catch (IOException e) {
            LOG.warn("Other commands cannot use the store {} meanwhile: {}", folder, e.getMessage());
            return null;
        }
    }

    private int runThere(OperationCommand command, HolderClient holder, Output output) throws IOException {
        try (holder;
                Interruption.Registration ignored = terminal.interruption().onWish(holder::close)) {
            if (command.readsInput()) {
                InputStream input = terminal.in();
                holder.send(input);
            }
            HolderClient.Answer answer = holder.await(new Relay(output), terminal.out());
            JsonObject data = answer.data();
            if (answer.success()) {
                output.ended(data);
                return 0;
            }
            output.failed(HolderRunner.failure(data));
            return 1;
        } catch (EspalierException e) {
            if (!terminal.interruption().isWished()) {
                throw e;
            }
            if (command.endsByInterruption()) {
                output.ended(new JsonObject());
            } else {
                output.failed(
                        Execution.failure(new EspalierException("ERR_INTERRUPTED", "Interrupted before it was done.")));
            }
            return Interruption.STATUS;
        }
    }

    /** Ends with what the command concludes here. */
    private record Concluding(OperationCommand command, Output output) implements Output {

        @Override
        public void event(String tag, JsonObject data) {
            output.event(tag, data);
        }

        @Override
        public void progress(Progress progress) {
            output.progress(progress);
        }

        @Override
        public void ended(JsonObject data) {
            try {
                output.ended(command.conclude(data));
            } catch (IOException e) {
                throw Failures.of(e);
            }
        }

        @Override
        public void failed(Failure failure) {
            output.failed(failure);
        }
    }

    private static void tell(Output output, Event event) {
        output.event(event.tag(), Json.data(event));
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Shows here what happens there. */
    private record Relay(Output output) implements HolderClient.Listener {

        @Override
        public void event(JsonObject event) {
            output.event(event.get("tag").getAsString(), event.getAsJsonObject("data"));
        }

        @Override
        public void progress(JsonObject progress) {
            JsonElement label = progress.get("label");
            output.progress(new Progress(
                    label.getAsString(),
                    progress.get("done").getAsLong(),
                    progress.get("total").getAsLong(),
                    progress.get("bytes").getAsBoolean()));
        }
    }
}
