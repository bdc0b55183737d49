package dev.espalier.cli;

import picocli.CommandLine.Command;

/** {@code espalier drive}; it only holds the others. */
@Command(
        name = "drive",
        description = "Look into a drive.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier drive ls pear://KEY", "  espalier drive ls pear://0.12.KEY /docs --recursive"})
final class DriveCommand {}
