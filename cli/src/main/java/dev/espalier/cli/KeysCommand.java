package dev.espalier.cli;

import picocli.CommandLine.Command;

/** {@code espalier multisig keys}. */
@Command(
        name = "keys",
        description = {
            "Keys to sign releases with, each under its password.",
            "They lie where hypercore-sign and Pear keep them, and those tools can use them: the folder that"
                    + " $HYPERCORE_SIGN_KEYS_DIRECTORY names, else ~/.hypercore-sign, else ~/.pear."
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier multisig keys create",
            "  espalier multisig keys get              your public key, to be put into multisig.json",
            "  espalier multisig keys list"
        })
final class KeysCommand {}
