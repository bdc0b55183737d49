package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Operation;
import dev.espalier.release.SetField;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code espalier set upgrade}. */
@Command(
        name = "upgrade",
        description = {"Set the link in package.json by which builds are updated. One link per build."},
        footerHeading = "%nExamples:%n",
        footer = {"  espalier set upgrade pear://KEY", "  espalier set upgrade pear://KEY ./app --json"})
final class SetUpgradeCommand extends OperationCommand {

    @Parameters(index = "0", paramLabel = "LINK", description = "Link of the drive that updates come from.")
    String value = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DIR",
            description = "A folder in the project. Default: this one.")
    Path dir = Path.of("");

    SetUpgradeCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.NONE;
    }

    @Override
    Operation<SetField.Result> operation(Workspace work) {
        return SetField.upgrade(value, work.resolve(dir));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        if (tag.equals("final")) {
            SetVersionCommand.said(data, lines);
        }
    }
}
