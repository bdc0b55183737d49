package dev.espalier.replicate;

import dev.espalier.log.Log;
import dev.espalier.merkle.TreeHead;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Those who wait for the newest head of a log. <b>Threading:</b> any thread. */
@SuppressWarnings("FutureReturnValueIgnored") // what follows a future's end is all there is to do
final class UpdateWishes {

    private record Wish(TreeHead before, CompletableFuture<Boolean> future) {}

    private final Log log;
    private final List<Wish> wishes = new ArrayList<>();

    UpdateWishes(Log log) {
        this.log = log;
    }

    /** A wish; {@link #check} must be called afterwards. */
    CompletableFuture<Boolean> add() {
        Wish wish = new Wish(log.head(), new CompletableFuture<>());
        synchronized (this) {
            wishes.add(wish);
        }
        wish.future.whenComplete((changed, failure) -> {
            synchronized (this) {
                wishes.remove(wish);
            }
        });
        return wish.future;
    }

    /** Fulfils all wishes if {@code settled}, which is asked only if there are any. */
    void check(BooleanSupplier settled) {
        synchronized (this) {
            if (wishes.isEmpty()) {
                return;
            }
        }
        if (settled.getAsBoolean()) {
            completeAll();
        }
    }

    // A head that was published anew is another object, and comparing its signature and roots would say no more.
    @SuppressWarnings("ReferenceEquality")
    private boolean changed(Wish wish) {
        return log.head() != wish.before;
    }

    /** Fulfils all wishes: whatever can be known is known. */
    void completeAll() {
        List<Wish> done;
        synchronized (this) {
            done = List.copyOf(wishes);
        }
        for (Wish wish : done) {
            try {
                wish.future.complete(changed(wish));
            } catch (IllegalStateException e) {
                wish.future.completeExceptionally(e); // the log was closed
            }
        }
    }
}
