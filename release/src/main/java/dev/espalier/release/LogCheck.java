package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogAudit;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import java.util.List;
import java.util.Locale;

/** Re-hashes what is stored of a log. */
public final class LogCheck {

    private LogCheck() {}

    /** A block, node or head that does not hold, and why. */
    public record Bad(String kind, long index, String why) implements Event {
        @Override
        public String tag() {
            return "bad";
        }
    }

    /**
     * All holds.
     *
     * @param blocks held blocks that were hashed
     * @param nodes stored nodes that were checked
     * @param bad nothing
     */
    public record Result(long blocks, long nodes, List<Bad> bad) {}

    static Result run(LogStore store, LogRef ref, Steps steps) {
        try (Log log = ref.open(store)) {
            steps.checkCancelled();
            LogAudit.Report report = LogAudit.run(log);
            for (LogAudit.Bad bad : report.bad()) {
                steps.emit(new Bad(bad.kind().name().toLowerCase(Locale.ROOT), bad.index(), bad.why()));
            }
            if (!report.ok()) {
                throw new EspalierException(
                        "ERR_CORRUPT",
                        report.badCount() + " of " + report.blocks() + " blocks and " + report.nodes()
                                + " nodes of log " + log.id() + " do not hold what was signed.");
            }
            return new Result(report.blocks(), report.nodes(), List.of());
        }
    }
}
