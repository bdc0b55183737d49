package dev.espalier.cli;

import com.google.gson.JsonObject;
import picocli.CommandLine.Command;

/** {@code espalier multisig verify}. */
@Command(
        name = "verify",
        description = {
            "Do all checks of a commit, with as many responses as there are, and change nothing.",
            "Do not sign, and do not commit, what fails."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier multisig verify request.txt --peer HOST:4000",
            "  espalier multisig verify request.txt ann.txt bob.txt --peer HOST:4000"
        })
final class MultisigVerifyCommand extends MultisigCommitOperation {

    MultisigVerifyCommand(Runner runner) {
        super(runner, true);
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (PeerLines.show(tag, data, lines)) {
            return;
        }
        if (tag.equals("final")) {
            JsonObject quorum = quorum(data);
            lines.field("quorum", Lines.number(quorum, "total") + " / " + Lines.number(quorum, "amount"));
            lines.field("first commit", data.get("firstCommit").getAsBoolean() ? "yes" : "no");
            lines.field("would be", Lines.text(data, "link"));
            lines.say(
                    Lines.number(quorum, "total") >= Lines.number(quorum, "amount")
                            ? "All checks passed; it can be committed."
                            : "All checks passed; more signatures are needed.");
        }
    }
}
