package dev.espalier.drive;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The direct children of a folder of a drive, each once: files and links as themselves, a sub-folder as its first entry
 * that is not ignored. Where a file has the name of a sub-folder, the file stands for both.
 *
 * <p>Steps over sub-folders without reading them. Works on the bytes of keys, as paths need not be valid UTF-8.
 *
 * <p><b>Threading:</b> one thread.
 */
final class ShallowList implements Iterator<ShallowList.Child> {

    /** A child: its name and the entry that stands for it. */
    record Child(String name, Entry entry) {}

    private final TreeView tree;
    private final ListOptions options;
    private final byte[] prefix;
    private final KeyRange all;
    private Iterator<TreeItem> items;
    private long left;
    private @Nullable Child next;

    /** Children of {@code folder}, which has no slash at its end. */
    ShallowList(TreeView tree, String folder, ListOptions options) {
        this.tree = tree;
        this.options = options;
        this.prefix = EntryCodec.key(folder + "/");
        this.all = options.reverse() ? EntryCodec.below(folder).reversed() : EntryCodec.below(folder);
        this.items = tree.range(all).iterator();
        this.left = options.limit() < 0 ? Long.MAX_VALUE : options.limit();
    }

    @Override
    public boolean hasNext() {
        while (next == null && left > 0 && items.hasNext()) {
            next = child(items.next());
        }
        return next != null;
    }

    private @Nullable Child child(TreeItem item) {
        byte[] key = item.key();
        int slash = prefix.length;
        while (slash < key.length && key[slash] != '/') {
            slash++;
        }
        if (slash == key.length) {
            return shown(item, slash);
        }
        byte[] file = Arrays.copyOf(key, slash);
        boolean fileStands = !options.ignore().test(EntryCodec.path(file)) && tree.get(file) != null;
        Child child = fileStands ? null : shown(item, slash);
        if (fileStands || child != null) {
            stepOver(file);
        }
        return child;
    }

    private @Nullable Child shown(TreeItem item, int end) {
        Entry entry = EntryCodec.entry(item);
        if (options.ignore().test(entry.path())) {
            return null;
        }
        String name = EntryCodec.path(Arrays.copyOf(item.key(), end))
                .substring(EntryCodec.path(prefix).length());
        return new Child(name, entry);
    }

    /** Goes on after all that is below {@code folder}: the byte after the slash is a zero digit. */
    private void stepOver(byte[] folder) {
        byte[] edge = Arrays.copyOf(folder, folder.length + 1);
        edge[folder.length] = (byte) (options.reverse() ? '/' : '0');
        items = tree.range(options.reverse() ? all.before(edge) : all.from(edge))
                .iterator();
    }

    @Override
    public Child next() {
        Child child = hasNext() ? next : null;
        if (child == null) {
            throw new NoSuchElementException();
        }
        next = null;
        left--;
        return child;
    }
}
