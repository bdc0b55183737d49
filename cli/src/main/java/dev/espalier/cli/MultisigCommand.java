package dev.espalier.cli;

import picocli.CommandLine.Command;

/** {@code espalier multisig}. */
@Command(
        name = "multisig",
        description = {
            "Releases that a quorum of people signs, and that any machine can then commit.",
            "Each signer makes a key once. A configuration names their public keys; the production link follows from it."
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier multisig keys create"})
final class MultisigCommand {}
