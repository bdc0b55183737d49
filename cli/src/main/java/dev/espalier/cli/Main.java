package dev.espalier.cli;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The entry of the {@code espalier} command. */
public final class Main {

    private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";
    private static final long LINGER_SECONDS = 10;

    private Main() {}

    /** Runs one command and ends the process with its exit status. */
    public static void main(String[] arguments) {
        System.setProperty(LOG_LEVEL, logLevel(List.of(arguments)));
        Interruption interruption = new Interruption();
        CountDownLatch finished = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupt(interruption, finished), "espalier-shutdown"));
        int status;
        try {
            status = run(arguments, Terminal.ofProcess(interruption));
        } finally {
            finished.countDown();
        }
        // While the process is being ended by a signal, its status is that of the signal: 130 after Ctrl-C.
        if (!interruption.isWished()) {
            System.exit(status);
        }
    }

    /** Runs one command in this process and returns its exit status. */
    static int run(String[] arguments, Terminal terminal) {
        GlobalOptions options = new GlobalOptions();
        StoreRunner runner = new StoreRunner(terminal, options, List.of(arguments));
        String name = terminal.environment().getOrDefault("ESPALIER_COMMAND", Commands.NAME);
        return Commands.run(Commands.line(options, runner, name, terminal), options, terminal, arguments);
    }

    private static void interrupt(Interruption interruption, CountDownLatch finished) {
        if (finished.getCount() == 0) {
            return;
        }
        interruption.wish();
        try {
            // Long enough to end between two steps. Whatever does not end is cut off, which no log minds.
            if (!finished.await(LINGER_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("espalier: did not end in time and was cut off");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The level must be set before anything logs, that is, before the arguments are parsed in earnest. */
    static String logLevel(List<String> arguments) {
        String level = "1";
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--")) {
                break;
            }
            if ((argument.equals("-L") || argument.equals("--log-level")) && i + 1 < arguments.size()) {
                level = arguments.get(i + 1);
            } else if (argument.startsWith("--log-level=")) {
                level = argument.substring("--log-level=".length());
            } else if (argument.startsWith("-L") && argument.length() > 2) {
                level = argument.substring(2).replace("=", "");
            }
        }
        return switch (level) {
            case "0" -> "off";
            case "2" -> "info";
            case "3" -> "trace";
            default -> "error";
        };
    }
}
