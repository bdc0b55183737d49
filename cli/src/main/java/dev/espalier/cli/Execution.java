package dev.espalier.cli;

import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.release.Event;
import dev.espalier.release.Failures;
import dev.espalier.release.Json;
import dev.espalier.release.Operation;
import dev.espalier.release.Releases;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs the operation of a command and passes its events on. Stateless. */
final class Execution {

    private Execution() {}

    /** Runs it to its end; failures go to {@code output}. Returns the exit status. */
    static int run(OperationCommand command, Workspace work, Output output, Interruption interruption) {
        try (Operation<? extends Record> operation = command.operation(work);
                Interruption.Registration ignored = interruption.onWish(operation::cancel)) {
            operation.onEvent(event -> output.event(event.tag(), Json.data(event)));
            operation.onProgress(output::progress);
            warn(command, work, output);
            output.ended(Json.data(operation.join()));
            return interruption.isWished() ? Interruption.STATUS : 0;
        } catch (OutputClosedException e) {
            // Nobody is there to be told.
            return 1;
        } catch (IOException | RuntimeException | Error e) {
            if (interruption.isWished()) {
                // Whatever it stumbled over then: it was made to stumble.
                output.failed(failure(interrupted(e)));
                return Interruption.STATUS;
            }
            output.failed(failure(e));
            return 1;
        }
    }

    /** Whatever is typed, a release that is half out is not to be forgotten. */
    private static void warn(OperationCommand command, Workspace work, Output output) {
        LogStore store = work.openStore();
        if (store != null && !command.goesOnWithCommits()) {
            for (Event warning : Releases.of(store).unfinishedCommits()) {
                output.event(warning.tag(), Json.data(warning));
            }
        }
    }

    /** What is told of work that was not done because somebody did not want it any more. */
    static EspalierException interrupted(Throwable cause) {
        return new EspalierException("ERR_INTERRUPTED", "Interrupted before it was done.", cause);
    }

    /** How a failure is told. */
    static Output.Failure failure(Throwable thrown) {
        EspalierException failure = Failures.of(thrown);
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        return new Output.Failure(
                failure.code(),
                String.valueOf(failure.getMessage()),
                null,
                trace.toString().stripTrailing());
    }
}
