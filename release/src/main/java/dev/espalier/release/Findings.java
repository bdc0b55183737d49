package dev.espalier.release;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What one look found, told as it is found.
 *
 * <p><b>Threading:</b> belongs to the thread of the operation.
 */
final class Findings {

    private final Steps steps;
    private final List<Finding> found = new ArrayList<>();

    Findings(Steps steps) {
        this.steps = steps;
    }

    /** Looks for one thing. */
    void look(Detection detection) throws IOException {
        steps.checkCancelled();
        for (Finding finding : detection.findings()) {
            found.add(finding);
            steps.emit(finding);
        }
    }

    /** How it ended. */
    Diagnosis diagnosis() {
        Map<Finding.Severity, Integer> counts = new EnumMap<>(Finding.Severity.class);
        found.forEach(finding -> counts.merge(finding.severity(), 1, Integer::sum));
        return new Diagnosis(
                counts.getOrDefault(Finding.Severity.FAILURE, 0),
                counts.getOrDefault(Finding.Severity.WARNING, 0),
                counts.getOrDefault(Finding.Severity.NOTE, 0),
                found.stream()
                        .filter(finding -> finding.severity() == Finding.Severity.FAILURE)
                        .map(Finding::code)
                        .distinct()
                        .toList());
    }
}
