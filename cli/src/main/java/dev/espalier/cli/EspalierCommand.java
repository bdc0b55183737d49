package dev.espalier.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command itself; it only holds the others. */
@Command(
        name = "espalier",
        description =
                "Signed append-only logs, drives of files on top of them, and the pipeline that ships applications.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier demo                          see it all at work",
            "  espalier touch                         make a link",
            "  espalier stage pear://KEY ./build      bring the link to what a folder holds",
            "  espalier seed pear://KEY --listen 4000 hand it on",
            "  espalier dump pear://KEY ./copy --peer HOST:4000",
            "  espalier help stage                    the help of a command",
        })
final class EspalierCommand {

    @Mixin
    final GlobalOptions options;

    EspalierCommand(GlobalOptions options) {
        this.options = options;
    }
}
