package dev.espalier.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code espalier completion}. */
@Command(
        name = "completion",
        description = "Print a script that teaches a shell to complete commands and options.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(espalier completion bash)",
            "  espalier completion zsh > ~/.espalier-completion && echo 'source ~/.espalier-completion' >> ~/.zshrc"
        })
final class CompletionCommand implements Callable<Integer> {

    /** Shells that the script is for; it is the same one. */
    enum Shell {
        /** The GNU shell. */
        bash,
        /** The Z shell, in its bash manner. */
        zsh
    }

    @Parameters(index = "0", paramLabel = "SHELL", description = "bash or zsh.")
    Shell shell = Shell.bash;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine()
                .getOut()
                .print(AutoComplete.bash("espalier", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
