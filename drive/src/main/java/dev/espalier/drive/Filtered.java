package dev.espalier.drive;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns what an iterator gives into something else, leaving out what becomes null. */
final class Filtered<A, B> implements Iterator<B> {

    private final Iterator<A> source;
    private final Function<A, @Nullable B> change;
    private long left;
    private @Nullable B next;

    /** At most {@code limit} results; negative for all. */
    Filtered(Iterator<A> source, long limit, Function<A, @Nullable B> change) {
        this.source = source;
        this.left = limit < 0 ? Long.MAX_VALUE : limit;
        this.change = change;
    }

    @Override
    public boolean hasNext() {
        while (next == null && left > 0 && source.hasNext()) {
            next = change.apply(source.next());
        }
        return next != null;
    }

    @Override
    public B next() {
        B result = hasNext() ? next : null;
        if (result == null) {
            throw new NoSuchElementException();
        }
        next = null;
        left--;
        return result;
    }
}
