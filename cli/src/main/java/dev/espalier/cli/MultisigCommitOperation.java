package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.MultisigCommit;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a request and its responses, and commits them or not. */
abstract class MultisigCommitOperation extends OperationCommand {

    @Parameters(index = "0", paramLabel = "REQUEST", description = "What was signed: the text, or a file.")
    String request = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "RESPONSE",
            description = "What signers answered: texts, or files.")
    List<String> responses = new ArrayList<>();

    @Option(names = "--first-commit", description = "Production must be empty. Where it is, that is found out, too.")
    boolean firstCommit;

    @Option(
            names = "--force-dangerous",
            hidden = true,
            description = "Do not ask for seeders. That production is continued is always checked.")
    boolean force;

    @Mixin
    MultisigFlags multisig = new MultisigFlags();

    @Mixin
    NetworkFlags network = new NetworkFlags();

    private final boolean dryRun;

    MultisigCommitOperation(Runner runner, boolean dryRun) {
        super(runner);
        this.dryRun = dryRun;
    }

    @Override
    final StoreUse storeUse() {
        return StoreUse.ANY;
    }

    @Override
    final Operation<MultisigCommit.Result> operation(Workspace work) throws IOException {
        MultisigCommit.Options options =
                new MultisigCommit.Options(dryRun, firstCommit, force, multisig.rule(), network.options(work));
        return Releases.of(work.store())
                .multisigCommit(
                        multisig.config(work),
                        MultisigFlags.request(request, work::resolve),
                        MultisigFlags.responses(responses, work::resolve),
                        options);
    }

    static JsonObject quorum(JsonObject data) {
        return data.getAsJsonObject("quorum");
    }
}
