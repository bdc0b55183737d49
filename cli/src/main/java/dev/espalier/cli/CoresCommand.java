package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Cores;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code espalier cores}. */
@Command(
        name = "cores",
        description = "List the logs of the store, as links: a drive has two, its entries and its files.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier cores", "  espalier cores --all-cores --json"})
final class CoresCommand extends OperationCommand {

    @Option(names = "--all-cores", description = "Those without a block, too.")
    boolean all;

    CoresCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<Cores.Result> operation(Workspace work) {
        return Releases.of(work.store()).cores(all);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "core" ->
                lines.say(
                        "%s  %s  %s",
                        Lines.text(data, "link"),
                        data.get("writable").getAsBoolean() ? "own  " : "other",
                        Lines.count(Lines.number(data, "length"), "block"));
            case "final" ->
                lines.say(
                        "%s, %d of them own",
                        Lines.count(Lines.number(data, "count"), "log"), Lines.number(data, "writable"));
            default -> {
                // Nothing else.
            }
        }
    }
}
