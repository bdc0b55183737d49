package dev.espalier.release;

/**
 * One step of an {@link Operation}, told while it runs.
 *
 * <p>Implementations are records whose components are the event's data; {@link Json#data} makes them the JSON object that
 * scripts see. Component names, order and types are therefore part of the contract of the command.
 *
 * <p><b>Threading:</b> immutable.
 */
public interface Event {

    /** The stable name of the kind of event, such as {@code byte-diff}. */
    String tag();
}
