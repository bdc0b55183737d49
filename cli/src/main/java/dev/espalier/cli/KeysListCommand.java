package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Operation;
import dev.espalier.release.multisig.KeyFolder;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code espalier multisig keys list}. */
@Command(
        name = "list",
        description = "List the keys to sign with, and those of others that were added.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier multisig keys list"})
final class KeysListCommand extends KeysOperation {

    KeysListCommand(Runner runner, Terminal terminal) {
        super(runner, terminal);
    }

    /** How many there are. */
    record Result(int count) {}

    @Override
    Operation<Result> operation(Workspace work) {
        return Operation.of(steps -> {
            List<KeyFolder.Entry> all = ring().list();
            all.forEach(entry -> steps.emit(KeyData.of(entry)));
            return new Result(all.size());
        });
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("key")) {
            String key = Lines.text(data, "publicKey");
            lines.say(
                    "%-16s %s  %s",
                    Lines.text(data, "name"),
                    key.isEmpty() ? "(public key unknown)" : key,
                    Lines.text(data, "secretFile").isEmpty() ? "public key only" : "can sign");
        } else if (tag.equals("final") && Lines.number(data, "count") == 0) {
            lines.say("[ No results ]");
        }
    }
}
