package dev.espalier.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options of every command, before or after its name. */
final class GlobalOptions {

    @Option(
            names = "--storage",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "The store. Default: $ESPALIER_STORAGE, else the platform's folder for your data.")
    @Nullable
    Path storage;

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "One JSON object a line, {\"cmd\",\"tag\",\"data\"}, the last one tagged final.")
    boolean json;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Show the stack trace of a failure.")
    boolean verbose;

    @Option(
            names = {"-L", "--log-level"},
            paramLabel = "0..3",
            scope = ScopeType.INHERIT,
            defaultValue = "1",
            description = "What to log on standard error: 0 nothing, 1 errors, 2 more, 3 everything.")
    int logLevel;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    boolean help;
}
