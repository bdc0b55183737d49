package dev.espalier.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code espalier version}. */
@Command(
        name = "version",
        description = "Tell the version of this command.",
        footerHeading = "%nExamples:%n",
        footer = "  espalier version")
final class VersionCommand implements Callable<Integer> {

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().println("espalier " + version() + ", Java " + System.getProperty("java.version"));
        return 0;
    }

    /** The version that the jar says, {@code development} without a jar. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
