package dev.espalier.cli;

import dev.espalier.release.Failures;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Puts the commands together. Stateless. */
final class Commands {

    /** The name of the command. */
    static final String NAME = "espalier";

    private Commands() {}

    /**
     * The parser of everything that can be typed.
     *
     * @param name what a person types to run the command
     * @param terminal where it was typed, for what only can be done there
     */
    static CommandLine line(GlobalOptions options, Runner runner, String name, Terminal terminal) {
        CommandLine log = new CommandLine(new LogCommand())
                .addSubcommand(new LogCreateCommand(runner))
                .addSubcommand(new LogAppendCommand(runner))
                .addSubcommand(new LogGetCommand(runner))
                .addSubcommand(new LogCatCommand(runner))
                .addSubcommand(new LogInfoCommand(runner))
                .addSubcommand(new LogListCommand(runner))
                .addSubcommand(new LogTruncateCommand(runner))
                .addSubcommand(new LogClearCommand(runner))
                .addSubcommand(new LogAuditCommand(runner))
                .addSubcommand(new LogProofCommand(runner))
                .addSubcommand(new LogVerifyCommand(runner))
                .addSubcommand(new LogExportCommand(runner))
                .addSubcommand(new LogImportCommand(runner))
                .addSubcommand(new LogFetchCommand(runner))
                .addSubcommand(new LogServeCommand(runner));
        CommandLine keys = new CommandLine(new KeysCommand())
                .addSubcommand(new KeysCreateCommand(runner, terminal))
                .addSubcommand(new KeysGetCommand(runner, terminal))
                .addSubcommand(new KeysListCommand(runner, terminal))
                .addSubcommand(new KeysAddCommand(runner, terminal))
                .addSubcommand(new KeysRemoveCommand(runner, terminal))
                .addSubcommand(new KeysPathsCommand(runner, terminal));
        CommandLine multisig = new CommandLine(new MultisigCommand())
                .addSubcommand(keys)
                .addSubcommand(new MultisigLinkCommand(runner))
                .addSubcommand(new MultisigRequestCommand(runner))
                .addSubcommand(new MultisigSignCommand(runner, terminal))
                .addSubcommand(new MultisigVerifyCommand(runner))
                .addSubcommand(new MultisigCommitCommand(runner));
        CommandLine data = new CommandLine(new DataCommand())
                .addSubcommand(new DataMultisigCommand(runner))
                .addSubcommand(new DataDhtCommand(runner));
        CommandLine drive = new CommandLine(new DriveCommand()).addSubcommand(new DriveListCommand(runner));
        CommandLine gc = new CommandLine(new GcCommand()).addSubcommand(new GcCoresCommand(runner));
        CommandLine set = new CommandLine(new SetCommand())
                .addSubcommand(new SetVersionCommand(runner))
                .addSubcommand(new SetUpgradeCommand(runner));
        CommandLine lines = new CommandLine(new LinesCommand(runner)).addSubcommand(new LinesSetCommand(runner));
        CommandLine line = new CommandLine(new EspalierCommand(options))
                .addSubcommand(new TouchCommand(runner))
                .addSubcommand(set)
                .addSubcommand(new BuildCommand(runner))
                .addSubcommand(new StageCommand(runner))
                .addSubcommand(new ProvisionCommand(runner))
                .addSubcommand(new SeedCommand(runner))
                .addSubcommand(new DumpCommand(runner))
                .addSubcommand(new InfoCommand(runner))
                .addSubcommand(new ChangelogCommand(runner))
                .addSubcommand(drive)
                .addSubcommand(multisig)
                .addSubcommand(new DoctorCommand(runner, terminal))
                .addSubcommand(new WhyCommand(runner))
                .addSubcommand(lines)
                .addSubcommand(data)
                .addSubcommand(new CoresCommand(runner))
                .addSubcommand(gc)
                .addSubcommand(new BackupCommand(runner))
                .addSubcommand(new RecoverCommand(runner))
                .addSubcommand(new DemoCommand(runner, name))
                .addSubcommand(log)
                .addSubcommand(new CompletionCommand())
                .addSubcommand(new VersionCommand())
                .addSubcommand(new VersionsCommand(runner))
                .addSubcommand(new HelpCommand());
        showInOrder(line);
        return line.setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Options in the order of their declaration, those of every command last. */
    private static void showInOrder(CommandLine line) {
        line.getCommandSpec().usageMessage().sortOptions(false).sortSynopsis(false);
        line.getSubcommands().values().forEach(Commands::showInOrder);
    }

    /** Runs what was typed in this process. */
    static int run(CommandLine line, GlobalOptions options, Terminal terminal, String[] arguments) {
        PrintWriter out = new PrintWriter(new OutputStreamWriter(terminal.out(), StandardCharsets.UTF_8), true);
        PrintWriter err = new PrintWriter(new OutputStreamWriter(terminal.err(), StandardCharsets.UTF_8), true);
        line.setOut(out).setErr(err).setUsageHelpAutoWidth(terminal.outIsTerminal());
        line.setColorScheme(CommandLine.Help.defaultColorScheme(
                terminal.hasColour() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
        boolean json = options.json || Arrays.asList(arguments).contains("--json");
        line.setParameterExceptionHandler((mistake, ignored) -> usage(mistake, json, terminal));
        line.setExecutionExceptionHandler((failure, command, result) -> {
            // When the output is closed there is nobody to be told.
            if (!(failure instanceof OutputClosedException)) {
                Terminal.line(
                        terminal.err(), "espalier: " + Failures.of(failure).getMessage());
            }
            return 1;
        });
        if (arguments.length == 0) {
            line.usage(err);
            return CommandLine.ExitCode.USAGE;
        }
        return line.execute(arguments);
    }

    private static int usage(ParameterException mistake, boolean json, Terminal terminal) {
        CommandLine command = mistake.getCommandLine();
        String name = command.getCommandSpec().qualifiedName(" ");
        String path = name.contains(" ") ? name.substring(name.indexOf(' ') + 1) : "";
        String message = mistake.getMessage().replace("\n", " ").strip();
        if (json) {
            new JsonOutput(terminal, path, false).failed(new Output.Failure("ERR_INVALID_INPUT", message, null, ""));
            return CommandLine.ExitCode.USAGE;
        }
        Terminal.line(terminal.err(), name + ": " + message);
        if (mistake instanceof UnmatchedArgumentException unmatched) {
            String like = String.join(" or ", unmatched.getSuggestions());
            if (!like.isEmpty()) {
                Terminal.line(terminal.err(), "Did you mean: " + like + "?");
            }
        }
        Terminal.line(terminal.err(), "See: " + name + " --help");
        return CommandLine.ExitCode.USAGE;
    }
}
