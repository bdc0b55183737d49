package dev.espalier.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs every method of every benchmark once, in this JVM, so that none rots. Judges no time. */
class BenchmarksRunTest {

    private static final Set<String> EXPECTED = Set.of(
            "AppendThroughput",
            "GetLatency",
            "LeafHashing",
            "MirrorThroughput",
            "ProofVerification",
            "SecretStreamThroughput");

    @Test
    void everyBenchmarkClassHasABaseline() {
        Map<String, Set<String>> methods = methodsByClass();
        assertThat(methods.keySet()).isEqualTo(EXPECTED);
        methods.forEach((name, of) -> assertThat(of)
                .as(name)
                .anyMatch(method -> method.startsWith("baseline"))
                .anyMatch(method -> !method.startsWith("baseline")));
    }

    @TestFactory
    Collection<DynamicTest> everyMethodRunsAtEverySize() {
        return methodsByClass().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> runOnce(entry.getKey(), entry.getValue())))
                .toList();
    }

    private static void runOnce(String name, Set<String> methods) throws RunnerException {
        Options once = new OptionsBuilder()
                .include("\\." + name + "\\.")
                .mode(Mode.SingleShotTime)
                .param("logMiB", "4")
                .param("files", "20")
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();
        Collection<RunResult> results = new Runner(once).run();
        Map<String, Set<String>> sizes = results.stream()
                .collect(Collectors.groupingBy(
                        result -> result.getPrimaryResult().getLabel(),
                        Collectors.mapping(result -> result.getParams().getParam("blockSize"), Collectors.toSet())));
        assertThat(sizes.keySet()).isEqualTo(methods);
        assertThat(sizes.values()).containsOnly(Set.of("1024", "65536"));
    }

    private static Map<String, Set<String>> methodsByClass() {
        Map<String, Set<String>> methods = new TreeMap<>();
        for (BenchmarkListEntry entry : BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())) {
            String[] parts = entry.getUsername().split("\\.", -1);
            methods.computeIfAbsent(parts[parts.length - 2], key -> new TreeSet<>())
                    .add(parts[parts.length - 1]);
        }
        return methods;
    }
}
