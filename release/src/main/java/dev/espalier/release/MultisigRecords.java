package dev.espalier.release;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was committed from this store, and whether others are known to have it (release specification §4.6, §7 D13). A file
 * beside the logs, replaced as a whole; nothing but memory is lost with it.
 *
 * <pre>{@code
 * multisig-records.json  {"records":[{"key":"<z-base-32>","length":3,"done":true}, …]}
 * }</pre>
 *
 * <p><b>Threading:</b> safe; the store is open in one process only.
 */
public final class MultisigRecords {

    private static final String FILE = "multisig-records.json";
    private static final long MAX_FILE = 16 << 20;
    private static final Object WRITING = new Object();

    private final LogStore store;
    private final Path file;

    MultisigRecords(LogStore store) {
        this.store = store;
        this.file = store.folder().resolve(FILE);
    }

    /**
     * The newest commit to one production.
     *
     * @param key key of production
     * @param length its length after the commit, in blocks
     * @param done whether it ended; if not, it may be half written, or held by nobody else
     */
    public record Item(Key key, long length, boolean done) {

        /** Checks the length, which may come from a file. */
        public Item {
            if (length < 0) {
                throw new EspalierException("BAD_ARGUMENT", "No production has " + length + " blocks.");
            }
        }

        Link link() {
            return Link.of(key, 0, length);
        }
    }

    /** One for each production, in the order of their first commit. */
    public record Result(List<Item> records) {}

    /**
     * All that is known.
     *
     * @throws EspalierException {@code ERR_CORRUPT} when the file holds something else
     */
    Result read() {
        String text;
        try {
            if (Files.size(file) > MAX_FILE) {
                throw corrupt("is larger than " + MAX_FILE + " bytes", null);
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return new Result(List.of());
        } catch (IOException e) {
            throw corrupt("cannot be read (" + e.getMessage() + ")", e);
        }
        try {
            List<Item> items = new ArrayList<>();
            for (JsonElement item : JsonParser.parseString(text)
                    .getAsJsonObject()
                    .get("records")
                    .getAsJsonArray()) {
                JsonObject object = item.getAsJsonObject();
                items.add(new Item(
                        Key.parse(object.get("key").getAsString()),
                        object.get("length").getAsLong(),
                        object.get("done").getAsBoolean()));
            }
            return new Result(List.copyOf(items));
        } catch (JsonParseException
                | EspalierException
                | IllegalStateException
                | NumberFormatException
                | NullPointerException
                | UnsupportedOperationException e) {
            throw corrupt("holds no list of commits", e);
        }
    }

    private EspalierException corrupt(String what, @Nullable Throwable cause) {
        return new EspalierException(
                "ERR_CORRUPT",
                file + " " + what + "; delete it: it only tells which releases were committed here.",
                cause);
    }

    /** A commit is about to write; one that ended before is not begun again. */
    void begin(Key key, long length) {
        Item done = new Item(key, length, true);
        synchronized (WRITING) {
            if (!read().records().contains(done)) {
                put(new Item(key, length, false));
            }
        }
    }

    /** The commit ended. */
    void end(Key key, long length) {
        synchronized (WRITING) {
            put(new Item(key, length, true));
        }
    }

    private void put(Item item) {
        List<Item> items = new ArrayList<>(read().records());
        int at = items.stream().map(Item::key).toList().indexOf(item.key());
        if (at < 0) {
            items.add(item);
        } else {
            items.set(at, item);
        }
        Path aside = file.resolveSibling(FILE + ".partial");
        ByteBuffer text =
                ByteBuffer.wrap(Json.line(Json.data(new Result(items))).getBytes(StandardCharsets.UTF_8));
        try {
            try (FileChannel out = FileChannel.open(
                    aside, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                while (text.hasRemaining()) {
                    out.write(text);
                }
                out.force(true);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw Failures.of(e);
        }
    }

    /** Commits that were begun here and have not ended. */
    List<Item> unfinished() {
        return read().records().stream()
                .filter(item -> !item.done() && !isPast(item))
                .toList();
    }

    /** A warning for each of them; also when that cannot be told. */
    List<Warning> warnings() {
        try {
            return unfinished().stream()
                    .flatMap(item -> new CommitNotConfirmed(item.link()).findings().stream())
                    .map(Finding::warning)
                    .toList();
        } catch (EspalierException e) {
            return List.of(new Warning(e.code(), String.valueOf(e.getMessage())));
        }
    }

    /** Whether a later release is known here: then others went on from this one, and it cannot be committed any more. */
    private boolean isPast(Item item) {
        try (Log log = store.log(item.key())) {
            return log.length() > item.length();
        }
    }
}
