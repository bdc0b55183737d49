package dev.espalier.cli;

import picocli.CommandLine.Command;

/** {@code espalier data}; it only holds the others. */
@Command(
        name = "data",
        description = "Tell what the store remembers beside its logs.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier data multisig", "  espalier data dht --json"})
final class DataCommand {}
