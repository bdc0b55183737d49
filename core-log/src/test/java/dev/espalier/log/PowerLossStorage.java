package dev.espalier.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Files in memory that know what is on the device and what is not: per file the pages and the length that were not
 * forced, per folder the entries that were not. {@link #afterLoss} makes what a loss of power could leave at this moment.
 *
 * <p><b>Threading:</b> one thread.
 */
final class PowerLossStorage implements Storage {

    private static final int PAGE = 4096;
    private static final int SECTOR = 512;

    /** Files are never longer in these tests; mappings stay valid since the array never moves. */
    private static final int MOST = 256 << 10;

    /** Which of what was not forced survives. */
    enum Loss {
        /** Nothing. */
        ALL,
        /** Everything. */
        NONE,
        /** Head files only. */
        ALL_BUT_HEADS,
        /** Data files only. */
        ALL_BUT_DATA,
        /** Everything but head files. */
        HEADS,
        /** Any subset of pages, lengths and entries of folders. */
        ANY,
        /** Any subset of sectors, too. */
        TORN
    }

    /** A file, whatever its names are. */
    private static final class Inode {

        private byte[] content = new byte[2 * PAGE];
        private int size;
        private byte[] forced = new byte[0];
        private final BitSet dirty = new BitSet();

        void force() {
            if (forced.length < size) {
                forced = Arrays.copyOf(forced, size);
            }
            for (int page = dirty.nextSetBit(0); page >= 0; page = dirty.nextSetBit(page + 1)) {
                int at = page * PAGE;
                if (at < size) {
                    System.arraycopy(content, at, forced, at, Math.min(PAGE, size - at));
                }
            }
            dirty.clear();
        }

        /** The system writes some pages back on its own. */
        void writeBack(SplittableRandom random) {
            for (int page = dirty.nextSetBit(0); page >= 0; page = dirty.nextSetBit(page + 1)) {
                int at = page * PAGE;
                if (random.nextInt(3) == 0 && at < size) {
                    forced = Arrays.copyOf(forced, Math.max(forced.length, Math.min(size, at + PAGE)));
                    System.arraycopy(content, at, forced, at, Math.min(PAGE, size - at));
                    dirty.clear(page);
                }
            }
        }
    }

    private final Path root;
    private final Map<Path, Inode> names = new TreeMap<>();
    private final Map<Path, Inode> forcedNames = new TreeMap<>();
    private final TreeSet<Path> folders = new TreeSet<>();
    private Runnable beforeChange = () -> {};
    private long changes;
    private long holes;

    /** Empty storage below a folder. */
    PowerLossStorage(Path root) {
        this.root = root.toAbsolutePath();
    }

    /** A checksum over all names and contents, to tell what was left after one loss from what was left after another. */
    long fingerprint() {
        CRC32C crc = new CRC32C();
        long all = 0;
        for (Map.Entry<Path, Inode> entry : names.entrySet()) {
            crc.reset();
            crc.update(entry.getValue().content, 0, entry.getValue().size);
            all = all * 1_000_003
                    + crc.getValue() * 31
                    + root.relativize(entry.getKey()).toString().hashCode();
        }
        return all;
    }

    /** Called before each change and each force. */
    void beforeChange(Runnable hook) {
        beforeChange = hook;
    }

    /** Changes and forces so far. */
    long changes() {
        return changes;
    }

    /** How often room was given back. */
    long holes() {
        return holes;
    }

    private void change() {
        changes++;
        beforeChange.run();
    }

    /** Lets the system write back some of what is not forced. */
    void writeBack(SplittableRandom random) {
        names.values().forEach(file -> file.writeBack(random));
    }

    /** What may be found after a loss of power now, in storage of its own below {@code place}. */
    PowerLossStorage afterLoss(Path place, Loss loss, SplittableRandom random) {
        PowerLossStorage left = new PowerLossStorage(place);
        folders.forEach(folder -> left.folders.add(left.root.resolve(root.relativize(folder))));
        TreeSet<Path> all = new TreeSet<>(names.keySet());
        all.addAll(forcedNames.keySet());
        Map<Inode, Inode> copies = new IdentityHashMap<>();
        for (Path path : all) {
            Inode now = names.get(path);
            Inode before = forcedNames.get(path);
            Inode chosen = now == before || survives(loss, path, random) ? now : before;
            if (chosen != null) {
                Inode copy = copies.computeIfAbsent(chosen, file -> afterLoss(file, path, loss, random));
                Path there = left.root.resolve(root.relativize(path));
                left.names.put(there, copy);
                left.forcedNames.put(there, copy);
            }
        }
        return left;
    }

    private static Inode afterLoss(Inode file, Path path, Loss loss, SplittableRandom random) {
        Inode left = new Inode();
        boolean grown = survives(loss, path, random);
        left.size = grown ? file.size : Math.min(file.size, file.forced.length);
        byte[] content = Arrays.copyOf(file.forced, Math.max(left.size, 2 * PAGE));
        for (int page = file.dirty.nextSetBit(0); page >= 0; page = file.dirty.nextSetBit(page + 1)) {
            int end = Math.min(left.size, (page + 1) * PAGE);
            for (int at = page * PAGE; at < end; at += loss == Loss.TORN ? SECTOR : PAGE) {
                if (survives(loss, path, random)) {
                    int length = Math.min(loss == Loss.TORN ? SECTOR : PAGE, end - at);
                    System.arraycopy(file.content, at, content, at, length);
                }
            }
        }
        left.content = content;
        left.forced = Arrays.copyOf(content, left.size);
        return left;
    }

    private static boolean survives(Loss loss, Path path, SplittableRandom random) {
        String name = path.getFileName().toString();
        return switch (loss) {
            case ALL -> false;
            case NONE -> true;
            case ALL_BUT_HEADS -> name.equals("head");
            case ALL_BUT_DATA -> name.equals("data");
            case HEADS -> !name.equals("head");
            case ANY, TORN -> random.nextBoolean();
        };
    }

    @Override
    public StorageFile open(Path path, boolean create) {
        Path at = path.toAbsolutePath();
        if (!names.containsKey(at)) {
            if (!create) {
                throw new StorageException("Cannot open " + path + ": no such file.", path, new IOException("no file"));
            }
            change();
            names.put(at, new Inode());
        }
        return new MemoryFile(path, names.get(at));
    }

    @Override
    public byte @Nullable [] read(Path path, int max) {
        Inode file = names.get(path.toAbsolutePath());
        return file == null ? null : Arrays.copyOf(file.content, file.size);
    }

    @Override
    public void replace(Path path, byte[] content, boolean secret) {
        Path at = path.toAbsolutePath();
        Path aside = at.resolveSibling(at.getFileName() + ".new");
        change();
        Inode file = new Inode();
        names.put(aside, file);
        change();
        file.content = Arrays.copyOf(content, Math.max(content.length, 2 * PAGE));
        file.size = content.length;
        file.dirty.set(0, (content.length + PAGE - 1) / PAGE);
        change();
        file.force();
        change();
        names.remove(aside);
        names.put(at, file);
        forceFolder(at.getParent());
    }

    @Override
    public boolean exists(Path path) {
        return names.containsKey(path.toAbsolutePath()) || folders.contains(path.toAbsolutePath());
    }

    @Override
    public void delete(Path path) {
        if (names.containsKey(path.toAbsolutePath())) {
            change();
            names.remove(path.toAbsolutePath());
        }
    }

    @Override
    public void createFolders(Path folder) {
        for (Path at = folder.toAbsolutePath(); at.startsWith(root); at = at.getParent()) {
            if (folders.add(at)) {
                changes++;
            }
        }
    }

    @Override
    public List<String> list(Path folder) {
        Path parent = folder.toAbsolutePath();
        List<String> found = new ArrayList<>();
        for (Path path : names.keySet()) {
            if (parent.equals(path.getParent())) {
                found.add(path.getFileName().toString());
            }
        }
        for (Path path : folders) {
            if (parent.equals(path.getParent())) {
                found.add(path.getFileName().toString());
            }
        }
        return found;
    }

    @Override
    public void forceFolder(Path folder) {
        change();
        Path parent = folder.toAbsolutePath();
        forcedNames.keySet().removeIf(path -> parent.equals(path.getParent()) && !names.containsKey(path));
        names.forEach((path, file) -> {
            if (parent.equals(path.getParent())) {
                forcedNames.put(path, file);
            }
        });
    }

    private final class MemoryFile implements StorageFile {

        private final Path path;
        private final Inode file;
        private boolean closed;

        MemoryFile(Path path, Inode file) {
            this.path = path;
            this.file = file;
        }

        private void checkOpen() {
            if (closed) {
                throw new IllegalStateException("closed: " + path);
            }
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public long size() {
            checkOpen();
            return file.size;
        }

        @Override
        public void grow(long size) {
            checkOpen();
            if (size > file.size) {
                change();
                resize(size);
            }
        }

        private void resize(long size) {
            if (size > MOST) {
                throw new AssertionError(path + " grows to " + size);
            }
            if (size > file.content.length) {
                file.content = Arrays.copyOf(file.content, MOST);
            }
            file.size = Math.max(file.size, (int) size);
        }

        @Override
        public int read(long position, ByteBuffer target) {
            checkOpen();
            int length = (int) Math.max(0, Math.min(target.remaining(), file.size - position));
            target.put(file.content, (int) position, length);
            return length;
        }

        @Override
        public void write(long position, ByteBuffer source) {
            checkOpen();
            change();
            int length = source.remaining();
            resize(position + length);
            source.get(file.content, (int) position, length);
            touch((int) position, length);
        }

        private void touch(int position, int length) {
            if (length > 0) {
                file.dirty.set(position / PAGE, (position + length - 1) / PAGE + 1);
            }
        }

        @Override
        public Mapping map(long position, int size) {
            checkOpen();
            checkExists(position + size);
            return new MemoryMapping(this, (int) position, size);
        }

        @Override
        public ByteBuffer mapReadOnly(long position, int size) {
            checkOpen();
            checkExists(position + size);
            reserve();
            return ByteBuffer.wrap(file.content, (int) position, size)
                    .slice()
                    .asReadOnlyBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN);
        }

        private void checkExists(long end) {
            if (end > file.size) {
                throw new StorageException("Cannot map " + path + ".", path, new IOException("short file"));
            }
        }

        /** From now on the array stays where it is. */
        private void reserve() {
            if (file.content.length < MOST) {
                file.content = Arrays.copyOf(file.content, MOST);
            }
        }

        @Override
        public boolean canGiveBack() {
            return true;
        }

        @Override
        public boolean giveBack(long position, long length) {
            checkOpen();
            change();
            int end = (int) Math.min(file.size, position + length);
            Arrays.fill(file.content, (int) position, end, (byte) 0);
            touch((int) position, end - (int) position);
            holes++;
            return true;
        }

        @Override
        public void force(boolean metadata) {
            checkOpen();
            change();
            file.force();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** Part of a file; looks the array up at each access, so that it may move. */
    private static final class MemoryMapping implements Mapping {

        private final MemoryFile file;
        private final int start;
        private final int size;

        MemoryMapping(MemoryFile file, int start, int size) {
            this.file = file;
            this.start = start;
            this.size = size;
        }

        private ByteBuffer bytes() {
            return ByteBuffer.wrap(file.file.content).order(ByteOrder.LITTLE_ENDIAN);
        }

        private int at(int offset, int length) {
            return start + Objects.checkFromIndexSize(offset, length, size);
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public long getLong(int offset) {
            return bytes().getLong(at(offset, Long.BYTES));
        }

        @Override
        public long getLongAcquire(int offset) {
            return getLong(offset);
        }

        @Override
        public void get(int offset, byte[] target, int targetOffset, int length) {
            System.arraycopy(file.file.content, at(offset, length), target, targetOffset, length);
        }
    }
}
