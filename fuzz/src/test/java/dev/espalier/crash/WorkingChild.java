package dev.espalier.crash;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.log.StoreOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that waits for a line with a seed and a folder, then does {@link MixedWork} in the store there until it is
 * killed. After each step it prints its number.
 */
final class WorkingChild {

    private WorkingChild() {}

    /** No arguments. */
    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        if (line == null) {
            return; // Nobody needs it any more.
        }
        int space = line.indexOf(' ');
        long seed = Long.parseLong(line.substring(0, space));
        MixedWork work = new MixedWork(seed);
        // In some rounds one log fewer than there are, so that logs go idle and come back, which forces them.
        StoreOptions options = StoreOptions.defaults().withMappedLogs(seed % 4 == 0 ? 1 : 2);
        try (LogStore store = LogStore.open(Path.of(line.substring(space + 1)), options)) {
            List<Log> logs = MixedWork.NAMES.stream().map(store::log).toList();
            for (long step = 0; ; step++) {
                work.run(store, logs, step);
                out.println(step);
                out.flush();
            }
        }
    }
}
