package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Operation;
import dev.espalier.release.SetField;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code espalier set version}. */
@Command(
        name = "version",
        description = {"Set or raise the version in package.json. Applications update only to a higher one."},
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier set version 1.2.3",
            "  espalier set version patch",
            "  espalier set version prerelease ./app"
        })
final class SetVersionCommand extends OperationCommand {

    @Parameters(
            index = "0",
            paramLabel = "VERSION",
            description =
                    "A version, as 1.2.3, or one of major, minor, patch, premajor, preminor, prepatch, prerelease.")
    String value = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DIR",
            description = "A folder in the project. Default: this one.")
    Path dir = Path.of("");

    SetVersionCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.NONE;
    }

    @Override
    Operation<SetField.Result> operation(Workspace work) {
        return SetField.version(value, work.resolve(dir));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            said(data, lines);
        }
    }

    static void said(JsonObject data, Lines lines) {
        String before = Lines.text(data, "from");
        lines.say(
                "%s %s%s",
                Lines.text(data, "field"), Lines.text(data, "to"), before.isEmpty() ? "" : ", was " + before);
    }
}
