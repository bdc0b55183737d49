package dev.espalier.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Log;
import dev.espalier.log.LogAudit;
import dev.espalier.log.LogStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that works on two logs, again and again: what it had acknowledged is there, the step it was in is there
 * as a whole or not at all, and both logs verify.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class KillTest {

    private static final int ROUNDS = Integer.getInteger("espalier.kill.rounds", 100);

    /** Rounds on one store, before a new one is begun. */
    private static final int ROUNDS_OF_A_STORE = 10;

    @TempDir
    Path folder;

    private final Map<MixedWork.Kind, Integer> interrupted = new EnumMap<>(MixedWork.Kind.class);

    /** A block by who made it; null stands for one that was cleared. */
    private record Block(long seed, long step, int log, int number) {

        byte[] bytes() {
            return MixedWork.block(seed, step, log, number);
        }
    }

    /** What a log must hold. */
    private record State(List<@Nullable Block> blocks, long fork) {

        State appended(long seed, long step, int log, int count) {
            List<@Nullable Block> next = new ArrayList<>(blocks);
            for (int i = 0; i < count; i++) {
                next.add(new Block(seed, step, log, i));
            }
            return new State(next, fork);
        }

        State truncated(long length) {
            return new State(new ArrayList<>(blocks.subList(0, (int) length)), fork + 1);
        }

        State cleared(long start, long end) {
            List<@Nullable Block> next = new ArrayList<>(blocks);
            next.subList((int) start, (int) end).replaceAll(block -> null);
            return new State(next, fork);
        }

        /** Whether a log is in this state. */
        boolean is(Log log) {
            return matches(log) && matches(log, this);
        }

        /** Whether each block of a log is as in this state, or as in the other. */
        boolean matches(Log log, State other) {
            for (int i = 0; i < blocks.size(); i++) {
                byte[] found = log.has(i) ? log.get(i, Duration.ZERO) : null;
                if (!matches(found, blocks.get(i)) && !matches(found, other.blocks.get(i))) {
                    return false;
                }
            }
            return true;
        }

        boolean matches(Log log) {
            return log.fork() == fork && log.length() == blocks.size();
        }

        private static boolean matches(byte @Nullable [] found, @Nullable Block expected) {
            return found == null || expected == null
                    ? found == null && expected == null
                    : Arrays.equals(found, expected.bytes());
        }
    }

    private static List<State> empty() {
        return List.of(new State(List.of(), 0), new State(List.of(), 0));
    }

    /** The states after one more step. */
    private static List<State> after(List<State> states, MixedWork work, long seed, long number) {
        MixedWork.Step step = step(states, work, number);
        List<State> next = new ArrayList<>(states);
        int log = step.log();
        State state = states.get(log);
        switch (step.kind()) {
            case APPEND -> next.set(log, state.appended(seed, number, log, step.count()));
            case TRUNCATE -> next.set(log, state.truncated(step.start()));
            case CLEAR -> next.set(log, state.cleared(step.start(), step.end()));
            case ATOM -> {
                State cut = step.start() < 0 ? state : state.truncated(step.start());
                next.set(log, cut.appended(seed, number, log, step.count()));
                next.set(1 - log, states.get(1 - log).appended(seed, number, 1 - log, step.count() + 1));
            }
        }
        return next;
    }

    private static MixedWork.Step step(List<State> states, MixedWork work, long number) {
        return work.step(
                number, states.get(0).blocks().size(), states.get(1).blocks().size());
    }

    // ---- children

    private static Process start(List<String> options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), WorkingChild.class.getName()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void go(Process child, long seed, Path store) throws IOException {
        child.getOutputStream().write((seed + " " + store + "\n").getBytes(StandardCharsets.UTF_8));
        child.getOutputStream().flush();
    }

    /** In turns with and without the access that makes the store map its files through Chronicle. */
    private static Process start(int round) throws IOException {
        List<String> options = new ArrayList<>();
        if (round % 2 == 1) {
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .filter(argument -> argument.startsWith("--add-"))
                    .forEach(options::add);
        }
        return start(options);
    }

    /** Lets a child work and kills it after some steps; the number of steps that it acknowledged. */
    private static long workAndKill(Process child, long seed, Path store, int steps, long delayNanos) throws Exception {
        long acknowledged = 0;
        try (BufferedReader out = child.inputReader(StandardCharsets.US_ASCII)) {
            go(child, seed, store);
            for (int i = 0; i < steps; i++) {
                assertThat(out.readLine()).as("the child went on").isEqualTo(Integer.toString(i));
                acknowledged++;
            }
            // Not always right after a step was acknowledged, but in the middle of one.
            LockSupport.parkNanos(delayNanos);
            child.toHandle().destroyForcibly(); // The process's own method would close its output, too.
            // What it said between the decision to kill it and its end counts, too; a cut line does not.
            for (int c = out.read(); c >= 0; c = out.read()) {
                acknowledged += c == '\n' ? 1 : 0;
            }
        } finally {
            child.destroyForcibly();
        }
        assertThat(child.waitFor()).as("killed, not ended").isEqualTo(128 + 9);
        return acknowledged;
    }

    // ---- rounds

    @Test
    void everythingAcknowledgedIsThereAfterKillingTheWriter() throws Exception {
        SplittableRandom random = new SplittableRandom(20);
        List<State> states = empty();
        long steps = 0;
        Process next = start(0);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                Process child = next;
                next = start(round + 1); // It starts while this one works.
                Path store = folder.resolve("store-" + round / ROUNDS_OF_A_STORE);
                if (round % ROUNDS_OF_A_STORE == 0) {
                    states = empty();
                }
                long seed = random.nextLong();
                long acknowledged = workAndKill(child, seed, store, random.nextInt(40), random.nextLong(3_000_000));
                MixedWork work = new MixedWork(seed);
                for (long step = 0; step < acknowledged; step++) {
                    states = after(states, work, seed, step);
                }
                steps += acknowledged;
                states = check(store, states, work, seed, acknowledged);
            }
        } finally {
            next.destroyForcibly();
        }
        System.out.println("kill -9: " + ROUNDS + " rounds, " + steps + " acknowledged steps; the step it was in had"
                + " happened: " + interrupted);
    }

    /** The states that the logs are in: those acknowledged, or those after the step that the child was in. */
    private List<State> check(Path place, List<State> acknowledged, MixedWork work, long seed, long number) {
        MixedWork.Step step = step(acknowledged, work, number);
        List<State> next = after(acknowledged, work, seed, number);
        try (LogStore store = LogStore.open(place)) {
            List<Log> logs = MixedWork.NAMES.stream().map(store::log).toList();
            for (Log log : logs) {
                assertThat(LogAudit.run(log).bad()).isEmpty();
            }
            if (is(acknowledged, logs)) {
                return acknowledged;
            }
            interrupted.merge(step.kind(), 1, Integer::sum);
            if (is(next, logs)) {
                return next;
            }
            // Blocks are given up one by one.
            Log cleared = logs.get(step.log());
            State before = acknowledged.get(step.log());
            assertThat(step.kind() == MixedWork.Kind.CLEAR
                            && before.matches(cleared)
                            && before.matches(cleared, next.get(step.log())))
                    .as(
                            "neither as acknowledged nor one step further: %s %s",
                            step, logs.stream().map(Log::head).toList())
                    .isTrue();
            store.log(MixedWork.NAMES.get(step.log())).clear(step.start(), step.end());
            return next;
        }
    }

    private static boolean is(List<State> states, List<Log> logs) {
        return states.get(0).is(logs.get(0)) && states.get(1).is(logs.get(1));
    }
}
