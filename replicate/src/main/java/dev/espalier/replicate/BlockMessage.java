package dev.espalier.replicate;

import dev.espalier.log.BlockView;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.Proof;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The body of a data message with a block: what comes before the block, the block where it lies in mapped memory, what
 * comes after. Keeps the view open for as long as somebody refers to the buffer.
 */
final class BlockMessage extends CompositeByteBuf {

    private final BlockView view;

    private BlockMessage(ByteBufAllocator allocator, BlockView view) {
        super(allocator, true, 3);
        this.view = view;
    }

    /** Takes the view over. {@code proof} holds the bytes of that view. */
    static BlockMessage of(ByteBufAllocator allocator, long request, Proof proof, BlockView view) {
        CompactWriter before = new CompactWriter(32);
        proof.encodeBeforeValue(before, request);
        CompactWriter after = new CompactWriter(256);
        proof.encodeAfterValue(after);
        BlockMessage message = new BlockMessage(allocator, view);
        message.addComponent(true, Unpooled.wrappedBuffer(before.view()));
        message.addComponent(true, Unpooled.wrappedBuffer(view.bytes()));
        message.addComponent(true, Unpooled.wrappedBuffer(after.view()));
        return message;
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        view.close();
    }
}
