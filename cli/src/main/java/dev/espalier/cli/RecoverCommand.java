package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.LogRef;
import dev.espalier.release.Operation;
import dev.espalier.release.Recover;
import dev.espalier.release.Releases;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code espalier recover}. */
@Command(
        name = "recover",
        description = {
            "Let logs that were restored from a copy be written on, once peers said how far their originals got.",
            "Asks the peers named for the newest head of each such log and moves on to it. A log of which no peer has all stays held."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier recover --peer HOST:4000",
            "  espalier recover events --peer HOST:4000",
            "  espalier recover --force"
        })
final class RecoverCommand extends OperationCommand {

    @Parameters(index = "0..*", paramLabel = "LOG", description = "Names, keys or links. Default: all that are held.")
    List<String> logs = new ArrayList<>();

    @Option(
            names = "--force",
            description =
                    "Ask nobody. Right only if the original appended nothing since the copy was made, and never will.")
    boolean force;

    @Mixin
    NetworkFlags network = new NetworkFlags();

    RecoverCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.EXISTING;
    }

    @Override
    Operation<Recover.Result> operation(Workspace work) {
        return Releases.of(work.store())
                .recover(new Recover.Options(logs.stream().map(LogRef::parse).toList(), force, network.options(work)));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (PeerLines.show(tag, data, lines)) {
            return;
        }
        if (tag.equals("recovered")) {
            lines.say(
                    "%s  length %d, was %d",
                    Lines.text(data, "key"), Lines.number(data, "length"), Lines.number(data, "before"));
        } else if (tag.equals("final")) {
            long recovered = Lines.number(data, "recovered");
            lines.say(recovered == 0 ? "no log is held" : Lines.count(recovered, "log") + " can be written on");
        }
    }
}
