package dev.espalier.release;

/**
 * Something that does not stop an operation but that a person should know.
 *
 * @param code stable name of the warning
 * @param message one sentence
 */
public record Warning(String code, String message) implements Event {
    @Override
    public String tag() {
        return "warning";
    }
}
