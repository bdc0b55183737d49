package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LogRef;
import dev.espalier.release.LogServe;
import dev.espalier.release.Logs;
import dev.espalier.release.Operation;
import dev.espalier.release.SizeText;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code espalier log serve}. */
@Command(
        name = "serve",
        description = {
            "Serve logs to peers until interrupted. Whoever knows a key of the store may fetch that log.",
            "Meanwhile other commands on the same store work through this one."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  espalier log serve --listen 4000", "  espalier log serve events --listen 0.0.0.0:4000"})
final class LogServeCommand extends OperationCommand {

    @Parameters(index = "0..*", paramLabel = "LOG", description = "Names, keys or links. Default: all of the store.")
    List<String> logs = new ArrayList<>();

    @Mixin
    NetworkFlags network = new NetworkFlags();

    @Mixin
    ServeFlags serve = new ServeFlags();

    LogServeCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.HOLDING;
    }

    @Override
    boolean endsByInterruption() {
        return true;
    }

    @Override
    Operation<LogServe.Result> operation(Workspace work) {
        return Logs.of(work.store())
                .serve(logs.stream().map(LogRef::parse).toList(), serve.apply(network.options(work)));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (PeerLines.show(tag, data, lines)) {
            return;
        }
        switch (tag) {
            case "serving" -> lines.say("serving %s, length %d", Lines.text(data, "key"), Lines.number(data, "length"));
            case "upload" ->
                lines.say(
                        "    sent %s (%s) to %s",
                        Lines.count(Lines.number(data, "blocks"), "block"),
                        SizeText.of(Lines.number(data, "bytes")),
                        Lines.text(data, "key"));
            default -> {
                // The rest is for scripts.
            }
        }
    }
}
