package dev.espalier.log;

import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Objects;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.core.OS;
import org.slf4j.LoggerFactory;

/**
 * A mapping by a Chronicle byte store that spans one whole mapping.
 *
 * <p>Design note: a whole mapping instead of {@code MappedBytes}, because a hop between the chunks of the latter costs
 * a thousand times more than the read itself. Forcing is not done through Chronicle, whose {@code sync} does nothing
 * without its native layer, but through the file's channel.
 */
final class ChronicleMapping implements Mapping {

    private static final Cleaner CLEANER = Cleaner.create();

    private final PointerBytesStore store;
    private final int size;

    private ChronicleMapping(long address, int size) {
        this.store = new PointerBytesStore();
        this.size = size;
        store.singleThreadedCheckDisabled(true);
        store.set(address, size);
        CLEANER.register(this, () -> unmap(address, size));
    }

    /** Maps {@code size} bytes of the channel's file from {@code position} on, all of which exist. */
    static ChronicleMapping map(FileChannel channel, long position, int size) throws IOException {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new IOException("Chronicle stores use the byte order of the machine, files are little endian");
        }
        try {
            return new ChronicleMapping(OS.map(channel, FileChannel.MapMode.READ_ONLY, position, size), size);
        } catch (IOException | OutOfMemoryError e) {
            // The system's limit of mappings counts those that nobody reaches any more, too. Java's own mapping does
            // this.
            System.gc();
            return new ChronicleMapping(OS.map(channel, FileChannel.MapMode.READ_ONLY, position, size), size);
        }
    }

    private static void unmap(long address, int size) {
        try {
            OS.unmap(address, size);
        } catch (IOException e) {
            LoggerFactory.getLogger(ChronicleMapping.class).warn("Cannot unmap {} bytes", size, e);
        }
    }

    @Override
    public int size() {
        return size;
    }

    private void check(int offset, int bytes) {
        if (offset < 0 || bytes < 0 || offset > size - bytes) {
            throw new IndexOutOfBoundsException(bytes + " bytes at " + offset + " of " + size);
        }
    }

    // Each access holds on to this object, or the cleaner might unmap between the read of the field and the access.

    @Override
    public long getLong(int offset) {
        check(offset, Long.BYTES);
        try {
            return store.readLong(offset);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public long getLongAcquire(int offset) {
        check(offset, Long.BYTES);
        try {
            return store.readVolatileLong(offset);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void get(int offset, byte[] target, int targetOffset, int length) {
        check(offset, length);
        Objects.checkFromIndexSize(targetOffset, length, target.length);
        try {
            store.read(offset, target, targetOffset, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
