package dev.espalier.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendAndReadTest {

    private static final Pattern SUMMARY = Pattern.compile("([a-z0-9]{52}): (\\d+) blocks, tree hash ([0-9a-f]{64})");

    @Test
    void printsWhatItAppendedAndGoesOnWhereItEnded(@TempDir Path folder) {
        List<String> first = Printed.by(AppendAndRead::main, folder);
        List<String> second = Printed.by(AppendAndRead::main, folder);

        assertThat(first).hasSize(3).startsWith("sown", "pruned");
        assertThat(second).hasSize(3).startsWith("sown", "pruned");
        Matcher one = summary(first);
        Matcher two = summary(second);
        assertThat(one.group(2)).isEqualTo("3");
        assertThat(two.group(2)).isEqualTo("6");
        assertThat(two.group(1)).isEqualTo(one.group(1));
        assertThat(two.group(3)).isNotEqualTo(one.group(3));
    }

    private static Matcher summary(List<String> lines) {
        Matcher matcher = SUMMARY.matcher(lines.get(2));
        assertThat(matcher.matches()).as(lines.get(2)).isTrue();
        return matcher;
    }
}
