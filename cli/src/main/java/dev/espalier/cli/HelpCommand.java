package dev.espalier.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier help}. */
@Command(
        name = "help",
        description = "Show the help of a command.",
        footerHeading = "%nExamples:%n",
        footer = {"  espalier help stage", "  espalier help log append"})
final class HelpCommand implements Callable<Integer> {

    @Parameters(index = "0..*", paramLabel = "COMMAND", description = "Which one. Default: the list of all.")
    List<String> names = new ArrayList<>();

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine command = spec.root().commandLine();
        for (String name : names) {
            CommandLine next = command.getSubcommands().get(name);
            if (next == null) {
                throw new ParameterException(spec.commandLine(), "there is no command " + String.join(" ", names));
            }
            command = next;
        }
        command.usage(spec.commandLine().getOut());
        return 0;
    }
}
