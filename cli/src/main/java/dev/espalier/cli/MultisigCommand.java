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
        footer = {
            "  espalier multisig keys create                             each signer, once",
            "  espalier multisig link                                    the link of production",
            "  espalier multisig request --peer HOST:4000 > request.txt",
            "  espalier multisig sign request.txt --peer HOST:4000 > ann.txt",
            "  espalier multisig verify request.txt ann.txt bob.txt --peer HOST:4000",
            "  espalier multisig commit request.txt ann.txt bob.txt --peer HOST:4000"
        })
final class MultisigCommand {}
