package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Event;
import dev.espalier.release.Operation;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that is one operation. */
abstract class OperationCommand implements Callable<Integer> {

    /** What a command needs of the store. */
    enum StoreUse {
        /** None at all. */
        NONE,
        /** One that is there. */
        EXISTING,
        /** One if it is there; else the command works without. */
        IF_THERE,
        /** One that is there or is made. */
        ANY,
        /** The same, held for long: other processes work through this one meanwhile. */
        HOLDING
    }

    private final Runner runner;

    @Spec
    CommandSpec spec;

    OperationCommand(Runner runner) {
        this.runner = runner;
    }

    @Override
    public final Integer call() {
        return runner.run(this);
    }

    /** The name by which events are marked: {@code stage}, {@code log append}. */
    final String name() {
        String root = spec.root().name();
        return spec.qualifiedName(" ").substring(root.length()).strip();
    }

    abstract StoreUse storeUse();

    /**
     * What is looked at first where the command was typed, whichever process does the work; {@code tell} tells events of
     * that.
     */
    void prepare(Consumer<Event> tell) throws IOException {}

    /**
     * What is done last where the command was typed, whichever process did the work: there are the person, the keys and the
     * passwords. Takes the result and returns what is told of it.
     */
    JsonObject conclude(JsonObject result) throws IOException {
        return result;
    }

    /** Whether it reads standard input. */
    boolean readsInput() {
        return false;
    }

    /** Whether it goes on until it is interrupted, which is then no failure. */
    boolean endsByInterruption() {
        return false;
    }

    /** Whether it is what a warning about unfinished commits tells to do. */
    boolean goesOnWithCommits() {
        return false;
    }

    /** The operation; argument mistakes may throw here, too. */
    abstract Operation<? extends Record> operation(Workspace work) throws IOException;

    /** Says to a person what an event says; the result has the tag {@code final}. */
    abstract void show(String tag, JsonObject data, Lines lines);

    /** The same for what belongs beside the output, on standard error. */
    void note(String tag, JsonObject data, Lines lines) {}
}
