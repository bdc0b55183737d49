package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Operation;
import dev.espalier.release.Warning;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code espalier data dht}. */
@Command(
        name = "dht",
        description =
                "List the nodes of the DHT that are remembered. As yet there is no discovery, and so there are none.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier data dht", "  espalier data dht --json"})
final class DataDhtCommand extends OperationCommand {

    DataDhtCommand(Runner runner) {
        super(runner);
    }

    /** A node of the DHT. */
    record Node(String host, int port) {}

    /** All that are remembered. */
    record Result(List<Node> nodes) {}

    @Override
    StoreUse storeUse() {
        return StoreUse.NONE;
    }

    @Override
    Operation<Result> operation(Workspace work) {
        return Operation.of(steps -> {
            steps.emit(new Warning("NO_DISCOVERY", "There is no discovery yet: no node of the DHT is known."));
            return new Result(List.of());
        });
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            lines.say("[ No results ]");
        }
    }
}
