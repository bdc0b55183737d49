package dev.espalier.release;

import com.google.gson.annotations.SerializedName;
import org.jspecify.annotations.Nullable;

/**
 * Something that is in the way of a release, may become so, or looks as if it were.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param id the row of {@code docs/diagnosis.md}: {@code D1}, {@code R11}
 * @param severity how bad it is
 * @param code stable name for scripts
 * @param what one sentence: what it is
 * @param advice one sentence or two: what to do
 * @param command what to type for that; null where there is no single command
 */
public record Finding(
        String id,
        Severity severity,
        String code,
        String what,
        String advice,
        @Nullable String command) implements Event {

    /** How bad a finding is. */
    public enum Severity {
        /** Nothing stands on it until it is put right. */
        @SerializedName("failure")
        FAILURE,
        /** It may be meant. */
        @SerializedName("warning")
        WARNING,
        /** It is as it should be, or cannot be seen from here. */
        @SerializedName("note")
        NOTE
    }

    static Finding failure(String id, String code, String what, String advice) {
        return new Finding(id, Severity.FAILURE, code, what, advice, null);
    }

    static Finding warning(String id, String code, String what, String advice) {
        return new Finding(id, Severity.WARNING, code, what, advice, null);
    }

    static Finding note(String id, String code, String what, String advice) {
        return new Finding(id, Severity.NOTE, code, what, advice, null);
    }

    /** The same with what to type. */
    Finding typing(String line) {
        return new Finding(id, severity, code, what, advice, line);
    }

    /** The same, as bad as this. */
    Finding as(Severity other) {
        return new Finding(id, other, code, what, advice, command);
    }

    /** The same as a warning of a command that goes on. */
    public Warning warning() {
        return new Warning(code, what);
    }

    @Override
    public String tag() {
        return "finding";
    }
}
