package dev.espalier.cli;

import picocli.CommandLine.Command;

/** {@code espalier gc}; it only holds the others. */
@Command(
        name = "gc",
        description = "Make room in the store.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = "  espalier gc cores pear://KEY")
final class GcCommand {}
