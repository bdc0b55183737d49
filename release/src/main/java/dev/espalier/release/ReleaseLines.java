package dev.espalier.release;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The lines of release of an application, as {@code espalier.lines.json} beside its package.json names them (release
 * specification §7).
 *
 * <pre>{@code
 * {
 *   "staging": {"link": "pear://…"},
 *   "rc": {"link": "pear://…", "upgrade": "pear://<production>"},
 *   "prerelease": {"link": "pear://…", "upgrade": "pear://<production>", "kind": "provision"},
 *   "production": {"link": "pear://…"}
 * }
 * }</pre>
 *
 * <p>Without {@code upgrade}, builds of rc and prerelease update from production once there is one, all others from their
 * own link. Without {@code kind}, prerelease is provisioned, production signed by several, all others are staged.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param all in the order of the file
 */
public record ReleaseLines(List<ReleaseLine> all) {

    /** The name of the file. */
    public static final String FILE = "espalier.lines.json";

    /** As long as there is no file. */
    public static final ReleaseLines NONE = new ReleaseLines(List.of());

    private static final String INVALID = "ERR_INVALID_CONFIG";
    private static final long MAX_FILE = 1 << 20;
    private static final Set<String> MEMBERS = Set.of("link", "upgrade", "kind");

    /**
     * Checks that each line has its own link.
     *
     * @throws EspalierException {@code ERR_INVALID_CONFIG}
     */
    public ReleaseLines {
        all = List.copyOf(all);
        for (int i = 0; i < all.size(); i++) {
            for (ReleaseLine other : all.subList(0, i)) {
                if (other.link().equals(all.get(i).link())) {
                    throw new EspalierException(
                            INVALID,
                            "The lines " + other.name() + " and " + all.get(i).name()
                                    + " have the same link; touch another one.");
                }
            }
        }
    }

    /** The file for a folder: in it or the nearest folder above; null when there is none. */
    public static @Nullable Path locate(Path start) {
        for (Path folder = start.toAbsolutePath().normalize(); folder != null; folder = folder.getParent()) {
            Path file = folder.resolve(FILE);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }

    /** The lines for a folder; {@link #NONE} when there is no file. */
    public static ReleaseLines of(Path start) throws IOException {
        Path file = locate(start);
        return file == null ? NONE : read(file);
    }

    /**
     * Reads a file.
     *
     * @throws EspalierException {@code ERR_INVALID_CONFIG}, {@code ERR_INVALID_LINK}, naming the line
     */
    public static ReleaseLines read(Path file) throws IOException {
        if (Files.size(file) > MAX_FILE) {
            throw new EspalierException(INVALID, file + " is too large for a list of lines.");
        }
        return parse(Files.readString(file, StandardCharsets.UTF_8), file.toString());
    }

    /** The same from text; {@code name} is what messages call it. */
    public static ReleaseLines parse(String text, String name) {
        JsonElement root;
        try {
            root = JsonParser.parseString(text);
        } catch (JsonParseException | StackOverflowError e) {
            throw new EspalierException(INVALID, name + " is no JSON.", e);
        }
        if (!root.isJsonObject()) {
            throw new EspalierException(INVALID, name + " holds no object of lines.");
        }
        try {
            return of(root.getAsJsonObject());
        } catch (EspalierException e) {
            throw new EspalierException(e.code(), name + ": " + e.getMessage(), e);
        }
    }

    private static ReleaseLines of(JsonObject root) {
        Link production =
                root.get("production") instanceof JsonObject object ? link("production", object, "link") : null;
        List<ReleaseLine> lines = new ArrayList<>();
        for (Map.Entry<String, JsonElement> member : root.entrySet()) {
            String name = member.getKey();
            if (!(member.getValue() instanceof JsonObject object)) {
                throw new EspalierException(INVALID, "The line " + name + " is no object with link, upgrade and kind.");
            }
            for (String field : object.keySet()) {
                if (!MEMBERS.contains(field)) {
                    throw new EspalierException(
                            INVALID, "The line " + name + " has a member " + field + "; link, upgrade and kind are.");
                }
            }
            Link own = link(name, object, "link");
            if (own == null) {
                throw new EspalierException(INVALID, "The line " + name + " has no link.");
            }
            Link upgrade = link(name, object, "upgrade");
            lines.add(new ReleaseLine(
                    name, own, upgrade != null ? upgrade : defaultUpgrade(name, own, production), kind(name, object)));
        }
        return new ReleaseLines(lines);
    }

    static Link defaultUpgrade(String name, Link own, @Nullable Link production) {
        boolean feeds = name.equals("rc") || name.equals("prerelease");
        return feeds && production != null ? production : own;
    }

    private static @Nullable Link link(String name, JsonObject line, String member) {
        JsonElement value = line.get(member);
        if (value == null || value.isJsonNull()) {
            return null;
        }
        if (!(value instanceof JsonPrimitive text) || !text.isString()) {
            throw new EspalierException(INVALID, "The " + member + " of the line " + name + " is no text.");
        }
        try {
            return Link.parseDrive(text.getAsString());
        } catch (EspalierException e) {
            throw new EspalierException(
                    e.code(), "The " + member + " of the line " + name + " is none: " + e.getMessage(), e);
        }
    }

    private static ReleaseLine.Kind kind(String name, JsonObject line) {
        JsonElement value = line.get("kind");
        if (value == null || value.isJsonNull()) {
            return ReleaseLine.Kind.of(name);
        }
        ReleaseLine.Kind kind = value instanceof JsonPrimitive text && text.isString()
                ? ReleaseLine.Kind.parse(text.getAsString())
                : null;
        if (kind == null) {
            throw new EspalierException(
                    INVALID, "The kind of the line " + name + " is " + value + "; stage, provision and multisig are.");
        }
        return kind;
    }

    /** Whether none is known. */
    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** The line of a name; null when there is none. */
    public @Nullable ReleaseLine find(String name) {
        return all.stream().filter(line -> line.name().equals(name)).findFirst().orElse(null);
    }

    /**
     * The line of a name.
     *
     * @throws EspalierException {@code ERR_INVALID_INPUT} when there is none
     */
    public ReleaseLine require(String name) {
        ReleaseLine line = find(name);
        if (line == null) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "There is no line \"" + LinkText.shorten(name) + "\" in " + FILE
                            + (isEmpty()
                                    ? ", as there is no line at all; add it: espalier lines set NAME LINK"
                                    : "; there are " + names(all))
                            + ".");
        }
        return line;
    }

    /** The line whose releases are at a link; null when there is none. */
    public @Nullable ReleaseLine at(Link link) {
        return all.stream()
                .filter(line -> isSame(line.link(), link))
                .findFirst()
                .orElse(null);
    }

    /** Lines whose builds update from a link. */
    public List<ReleaseLine> updatingFrom(Link link) {
        return all.stream().filter(line -> isSame(line.upgrade(), link)).toList();
    }

    /** {@code (the link of staging)} with a space in front; empty for a link of no line. */
    public String naming(Link link) {
        ReleaseLine line = at(link);
        return line == null ? "" : " (the link of " + line.name() + ")";
    }

    /** Names, with commas. */
    static String names(List<ReleaseLine> lines) {
        return lines.stream().map(ReleaseLine::name).collect(Collectors.joining(", "));
    }

    private static boolean isSame(Link one, Link other) {
        return one.requireDrive().key().equals(other.requireDrive().key());
    }

    /** The same with this line, in place of the one of its name or as the last one. */
    ReleaseLines with(ReleaseLine line) {
        List<ReleaseLine> lines = new ArrayList<>(all);
        int at = all.stream().map(ReleaseLine::name).toList().indexOf(line.name());
        if (at < 0) {
            lines.add(line);
        } else {
            lines.set(at, line);
        }
        return new ReleaseLines(lines);
    }

    /** Replaces the file. */
    void write(Path file) throws IOException {
        JsonObject root = new JsonObject();
        for (ReleaseLine line : all) {
            JsonObject object = new JsonObject();
            object.addProperty("link", line.link().toString());
            object.addProperty("upgrade", line.upgrade().toString());
            object.addProperty("kind", line.kind().word());
            root.add(line.name(), object);
        }
        String text = new GsonBuilder()
                .setPrettyPrinting()
                .disableHtmlEscaping()
                .create()
                .toJson(root);
        Path aside = file.resolveSibling(FILE + ".partial");
        Files.writeString(aside, text + "\n", StandardCharsets.UTF_8);
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
