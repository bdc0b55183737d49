package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Event;
import dev.espalier.release.Operation;
import dev.espalier.release.multisig.KeyFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code espalier multisig keys paths}. */
@Command(
        name = "paths",
        aliases = "path",
        description = "Tell where keys are looked for; the first folder gets new ones.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier multisig keys paths"})
final class KeysPathsCommand extends KeysOperation {

    KeysPathsCommand(Runner runner, Terminal terminal) {
        super(runner, terminal);
    }

    /** A folder that is looked at. */
    record Folder(Path path, boolean exists) implements Event {
        @Override
        public String tag() {
            return "path";
        }
    }

    /** All of them. */
    record Result(List<Path> paths) {}

    @Override
    Operation<Result> operation(Workspace work) {
        return Operation.of(steps -> {
            List<Path> paths = ring().folders().stream().map(KeyFolder::folder).toList();
            paths.forEach(path -> steps.emit(new Folder(path, Files.isDirectory(path))));
            return new Result(paths);
        });
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("path")) {
            lines.say(Lines.text(data, "path"));
        }
    }
}
