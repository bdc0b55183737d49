package dev.espalier.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.espalier.cli.holder.Exchange;
import dev.espalier.cli.holder.HolderServer;
import dev.espalier.cli.holder.Request;
import dev.espalier.log.LogStore;
import dev.espalier.release.Event;
import dev.espalier.release.Json;
import dev.espalier.release.Progress;
import java.io.IOException;
import picocli.CommandLine;

/**
 * Runs in the process that holds a store what was typed in another one: parses the same arguments with the same parser,
 * runs the same operation on the open store, and sends back its events.
 */
final class HolderRunner implements HolderServer.Handler {

    private final LogStore store;

    HolderRunner(LogStore store) {
        this.store = store;
    }

    @Override
    public void handle(Request request, Exchange exchange) throws IOException {
        FrameOutput output = new FrameOutput(exchange);
        Interruption gone = new Interruption();
        exchange.onGone(gone::wish);
        GlobalOptions options = new GlobalOptions();
        Runner runner = command -> {
            Workspace work = new Workspace(
                    store,
                    exchange.input(),
                    exchange.output(),
                    request.folder(),
                    store.folder(),
                    options.json,
                    event -> tell(output, event));
            return Execution.run(command, work, output, gone);
        };
        CommandLine line = Commands.line(options, runner, Commands.NAME, Terminal.none(request.folder()));
        line.setParameterExceptionHandler((failure, arguments) -> {
            output.failed(Execution.failure(failure));
            return CommandLine.ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((failure, command, result) -> {
            if (!(failure instanceof OutputClosedException)) {
                output.failed(Execution.failure(failure));
            }
            return 1;
        });
        line.execute(request.arguments().toArray(String[]::new));
    }

    /** A failure as it comes over the socket. */
    static Output.Failure failure(JsonObject data) {
        JsonElement info = data.get("info");
        return new Output.Failure(
                Lines.text(data, "code"),
                Lines.text(data, "message"),
                info != null && info.isJsonObject() ? info.getAsJsonObject() : null,
                Lines.text(data, "trace"));
    }

    private static void tell(Output output, Event event) {
        output.event(event.tag(), Json.data(event));
    }

    /** Sends what another output would show. */
    private record FrameOutput(Exchange exchange) implements Output {

        @Override
        public void event(String tag, JsonObject data) {
            JsonObject event = new JsonObject();
            event.addProperty("tag", tag);
            event.add("data", data);
            send(() -> exchange.event(event));
        }

        @Override
        public void progress(Progress progress) {
            send(() -> exchange.progress(Json.data(progress)));
        }

        @Override
        public void ended(JsonObject data) {
            send(() -> exchange.ended(data));
        }

        @Override
        public void failed(Failure failure) {
            JsonObject data = new JsonObject();
            data.addProperty("code", failure.code());
            data.addProperty("message", failure.message());
            data.add("info", failure.info() == null ? JsonNull.INSTANCE : failure.info());
            data.addProperty("trace", failure.trace());
            send(() -> exchange.failed(data));
        }

        private static void send(Sending sending) {
            try {
                sending.send();
            } catch (IOException e) {
                throw new OutputClosedException(e);
            }
        }
    }

    /** Sends one frame. */
    @FunctionalInterface
    private interface Sending {
        void send() throws IOException;
    }
}
