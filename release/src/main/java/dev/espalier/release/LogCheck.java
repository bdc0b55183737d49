package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogAudit;
import dev.espalier.log.LogRepair;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Re-hashes what is stored of a log, and repairs it if wished. */
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
     * What was mended.
     *
     * @param nodesRestored tree nodes that were computed and written again
     * @param nodesRemoved tree nodes that count as missing now
     * @param blocksMissing blocks that were held and count as missing now, to be fetched again
     */
    public record Repaired(long nodesRestored, long nodesRemoved, long blocksMissing) {}

    /**
     * All that is held now is what was signed.
     *
     * @param blocks held blocks that were hashed
     * @param nodes stored nodes that were checked
     * @param bad what did not hold before it was repaired, at most {@link LogAudit#MAX_LISTED}
     * @param repaired what was done about it; null when nothing was
     */
    public record Result(
            long blocks,
            long nodes,
            List<Bad> bad,
            @Nullable Repaired repaired) {}

    static Result run(LogStore store, LogRef ref, boolean repair, Steps steps) {
        try (Log log = ref.open(store)) {
            steps.checkCancelled();
            LogAudit.Report report = LogAudit.run(log);
            List<Bad> found = report.bad().stream()
                    .map(bad -> new Bad(bad.kind().name().toLowerCase(Locale.ROOT), bad.index(), bad.why()))
                    .toList();
            found.forEach(steps::emit);
            if (report.ok()) {
                return new Result(report.blocks(), report.nodes(), found, null);
            }
            if (!repair) {
                throw corrupt(log, report, "; --repair mends what it can and has the rest fetched again");
            }
            steps.checkCancelled();
            LogRepair.Report done = LogRepair.run(log);
            LogAudit.Report now = LogAudit.run(log);
            if (!now.ok()) {
                throw corrupt(log, now, ", after the repair");
            }
            return new Result(
                    now.blocks(),
                    now.nodes(),
                    found,
                    new Repaired(done.nodesRestored(), done.nodesRemoved(), done.blocksMissing()));
        }
    }

    private static EspalierException corrupt(Log log, LogAudit.Report report, String advice) {
        return new EspalierException(
                "ERR_CORRUPT",
                report.badCount() + " of " + report.blocks() + " blocks and " + report.nodes() + " nodes of log "
                        + log.id() + " do not hold what was signed" + advice + ".");
    }
}
