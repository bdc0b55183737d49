package dev.espalier.cli;

import picocli.CommandLine.Command;

/** {@code espalier set}; it only holds the others. */
@Command(
        name = "set",
        description = {
            "Change one field of a project's package.json, and nothing else in it.",
            "The project is the nearest folder upwards that has one."
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier set version patch", "  espalier set upgrade pear://KEY"})
final class SetCommand {}
