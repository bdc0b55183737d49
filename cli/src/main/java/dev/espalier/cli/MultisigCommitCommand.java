package dev.espalier.cli;

import com.google.gson.JsonObject;
import picocli.CommandLine.Command;

/** {@code espalier multisig commit}. */
@Command(
        name = "commit",
        description = {
            "Make production what a quorum signed. Any machine can, whoever it belongs to.",
            "Ends when two peers hold all of it. Interrupted, run the same again as soon as possible, here or elsewhere: it"
                    + " goes on from where it was."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier multisig commit request.txt ann.txt bob.txt --peer HOST:4000 --peer OTHER:4000",
            "  espalier multisig commit request.txt ann.txt bob.txt --first-commit --peer HOST:4000"
        })
final class MultisigCommitCommand extends MultisigCommitOperation {

    MultisigCommitCommand(Runner runner) {
        super(runner, false);
    }

    @Override
    boolean goesOnWithCommits() {
        return true;
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (PeerLines.show(tag, data, lines)) {
            return;
        }
        switch (tag) {
            case "commit-start" -> lines.say("Committing the core...");
            case "verify-committed-start" -> waiting(data, lines);
            case "seeders" ->
                lines.say(
                        "seeders with all of the %s: %d of %d",
                        Lines.text(data, "core"), Lines.number(data, "full"), Lines.number(data, "needed"));
            case "final" -> {
                JsonObject quorum = quorum(data);
                lines.field("quorum", Lines.number(quorum, "total") + " / " + Lines.number(quorum, "amount"));
                lines.field("production", Lines.text(data, "link"));
            }
            default -> {
                // The rest is for scripts.
            }
        }
    }

    private static void waiting(JsonObject data, Lines lines) {
        lines.say("Committed the core (key %s)", Lines.text(data, "key"));
        lines.say("Waiting for remote seeders to pick up the changes...");
        if (data.get("firstCommit").getAsBoolean()) {
            lines.say("Please add this key to the seeders now. The logs here will notify you when it is picked up by"
                    + " them. Do not shut down until that happens.");
        }
    }
}
