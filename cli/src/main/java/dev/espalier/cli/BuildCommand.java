package dev.espalier.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.release.Build;
import dev.espalier.release.Operation;
import dev.espalier.release.SizeText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code espalier build}. */
@Command(
        name = "build",
        description = {
            "Put what was built for each platform into one deployment folder, to be staged.",
            "Each build is called after productName, or else name, of the package.json. What an earlier run put in for"
                    + " another platform stays. Never build into the project's folder."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier build --package hello/package.json --linux-x64-app hello/out/Hello.AppImage",
            "  espalier build --package hello/package.json --darwin-arm64-app hello/out/Hello.app \\",
            "    --win32-x64-app from-windows/Hello.msix --target hello-1.0.0"
        })
final class BuildCommand extends OperationCommand {

    @Option(
            names = "--package",
            paramLabel = "FILE",
            required = true,
            description = "The project's package.json, which is copied as it is.")
    Path manifest = Path.of("package.json");

    @Mixin
    BuildInputs inputs = new BuildInputs();

    @Option(
            names = "--target",
            paramLabel = "DIR",
            description = "The deployment folder. Default: NAME-VERSION of the package.json, in this folder.")
    @Nullable
    Path target;

    BuildCommand(Runner runner) {
        super(runner);
    }

    @Override
    StoreUse storeUse() {
        return StoreUse.NONE;
    }

    @Override
    Operation<Build.Result> operation(Workspace work) {
        return Build.folder(new Build.Options(manifest, inputs.given(), target, work.folder()));
    }

    @Override
    void show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "mirrored" -> mirrored(data, lines);
            case "final" -> {
                List<String> archs = new ArrayList<>();
                for (JsonElement arch : data.getAsJsonArray("archs")) {
                    archs.add(arch.getAsString());
                }
                lines.field("holds", String.join(", ", archs));
                lines.field("folder", Lines.text(data, "dir"));
            }
            default -> {
                // The rest is for scripts.
            }
        }
    }

    private static void mirrored(JsonObject data, Lines lines) {
        lines.say(
                "%s: %s, %d added, %d changed, %d removed (%s)",
                Lines.text(data, "arch"),
                Lines.count(Lines.number(data, "files"), "file"),
                Lines.number(data, "add"),
                Lines.number(data, "change"),
                Lines.number(data, "remove"),
                SizeText.of(Lines.number(data, "bytes")));
    }
}
