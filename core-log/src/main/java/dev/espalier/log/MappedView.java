package dev.espalier.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;

/** A view of a block. Closing it makes later use an error, and lets the log give the room of cleared blocks back. */
final class MappedView implements BlockView {

    private final ByteBuffer block;
    private final ViewCount views;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** A view by somebody who entered {@code views}, which closing leaves. */
    MappedView(ByteBuffer block, ViewCount views) {
        this.block = block;
        this.views = views;
    }

    @Override
    public ByteBuffer bytes() {
        if (closed.get()) {
            throw new IllegalStateException("the view is closed");
        }
        return block.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            views.leave();
        }
    }
}
