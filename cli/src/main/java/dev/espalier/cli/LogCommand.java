package dev.espalier.cli;

import picocli.CommandLine.Command;

/** {@code espalier log}; it only holds the others. */
@Command(
        name = "log",
        description = {
            "Work with single logs.",
            "A LOG is a name for an own one, derived from the store, or a key or link for any."
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  espalier log create events",
            "  tail -f app.txt | espalier log append events --lines --batch 1",
            "  espalier log cat events",
            "  espalier log serve events --listen 4000",
            "  espalier log fetch KEY --peer HOST:4000"
        })
final class LogCommand {}
