package dev.espalier.drive;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A log in memory, to test trees without files. */
final class MemoryTreeLog implements TreeLog {

    final List<byte[]> blocks = new ArrayList<>();
    int appends;
    int reads;

    @Override
    public long length() {
        return blocks.size();
    }

    @Override
    public long fork() {
        return 0;
    }

    @Override
    public byte[] block(long seq) {
        reads++;
        if (seq >= blocks.size()) {
            throw Failures.notFound("no block " + seq);
        }
        return blocks.get((int) seq);
    }

    @Override
    public void append(List<ByteBuffer> added) {
        appends++;
        for (ByteBuffer block : added) {
            byte[] copy = new byte[block.remaining()];
            block.duplicate().get(copy);
            blocks.add(copy);
        }
    }

    long byteLength() {
        return blocks.stream().mapToLong(block -> block.length).sum();
    }
}
