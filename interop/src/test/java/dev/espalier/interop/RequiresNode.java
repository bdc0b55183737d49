package dev.espalier.interop;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The test talks to JavaScript peers. Where node or its packages are missing it is skipped with a line on standard
 * error, but fails when the environment variable {@code CI} is set: there nobody would notice.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresNode.Condition.class)
public @interface RequiresNode {

    /** Decides once per annotated class or method. */
    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            ConditionEvaluationResult result = decide(NodePeers.whatIsMissing(), System.getenv("CI") != null);
            if (result.isDisabled()) {
                System.err.println("SKIPPED " + context.getDisplayName() + ": "
                        + result.getReason().orElseThrow());
            }
            return result;
        }

        /** An empty {@code missing} enables; anything else disables, or throws under CI. */
        static ConditionEvaluationResult decide(String missing, boolean ci) {
            if (missing.isEmpty()) {
                return ConditionEvaluationResult.enabled("node and its packages are here");
            }
            if (ci) {
                throw new IllegalStateException(missing + "; CI is set, so this is a failure");
            }
            return ConditionEvaluationResult.disabled(missing);
        }
    }
}
