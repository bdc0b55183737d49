package dev.espalier.release;

import com.google.gson.JsonObject;
import dev.espalier.drive.Drive;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Signer;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells what a link leads to (release specification §3.5). */
public final class Info {

    private Info() {}

    /** Parts of what there is to tell. */
    public enum Section {
        /** Names, versions, lengths. */
        METADATA,
        /** The package.json. */
        MANIFEST,
        /** Quorum and signers. */
        MULTISIG,
        /** The key. */
        KEY
    }

    /**
     * What to tell.
     *
     * @param sections which parts; all when it is empty and no changelog is asked for
     * @param changelog what of the CHANGELOG.md; null for nothing of it
     * @param network peers to ask
     */
    public record Options(Set<Section> sections, Changelog.@Nullable Selection changelog, NetworkOptions network) {

        /** Keeps its own copy. */
        public Options {
            boolean all = sections.isEmpty() && changelog == null;
            sections = all ? Set.copyOf(EnumSet.allOf(Section.class)) : Set.copyOf(sections);
        }

        /** Everything but the changelog. */
        public static Options all(NetworkOptions network) {
            return new Options(Set.of(), null, network);
        }

        private boolean wants(Section section) {
            return sections.contains(section);
        }

        private boolean isAll() {
            return sections.size() == Section.values().length;
        }
    }

    /** Begins. */
    public record Retrieving(Key z32, boolean onlyShowKey) implements Event {
        @Override
        public String tag() {
            return "retrieving";
        }
    }

    /** Nothing was ever written. */
    public record Empty(long length, long fork) implements Event {
        @Override
        public String tag() {
            return "empty";
        }
    }

    /** The keys of a drive; {@code content} null as long as nobody told its first block. */
    public record Keys(Key project, @Nullable Key content, Key discovery) implements Event {
        @Override
        public String tag() {
            return "keys";
        }
    }

    /** Names and numbers; what the package.json does not say is null. */
    public record Metadata(
            Link link,
            Link verlink,
            @Nullable String name,
            @Nullable String version,
            @Nullable String productName,
            @Nullable String upgrade,
            long length,
            long byteLength,
            Stage.@Nullable BlobsState blobs,
            long fork)
            implements Event {
        @Override
        public String tag() {
            return "info";
        }
    }

    /** Who may sign, where several may. */
    public record Multisig(int quorum, List<Key> publicKeys, boolean only) implements Event {
        @Override
        public String tag() {
            return "multisig";
        }
    }

    /** The package.json. */
    public record PackageManifest(@Nullable JsonObject manifest) implements Event {
        @Override
        public String tag() {
            return "manifest";
        }
    }

    /** What was told of. */
    public record Result(Key key, Link verlink, long length, long fork) {}

    static Result run(LogStore store, Link link, Options options, Steps steps) throws IOException {
        Key key = link.requireDrive().key();
        Network.requireSomebody(store, key, options.network());
        boolean onlyKey = options.sections().equals(Set.of(Section.KEY)) && options.changelog() == null;
        steps.emit(new Retrieving(key, onlyKey));
        try (Drive drive = Drive.open(store, key);
                Network network = Network.open(steps, store, options.network())) {
            Log db = drive.db();
            if (!drive.writable()) {
                network.update(db, options.network().expectsPeers() ? 1 : 0);
            }
            if (!onlyKey) {
                tell(drive, network, options, steps);
            }
            return new Result(key, Stage.verlink(drive), db.length(), db.fork());
        }
    }

    private static void tell(Drive drive, Network network, Options options, Steps steps) throws IOException {
        Log db = drive.db();
        if (db.length() == 0) {
            steps.emit(new Empty(0, db.fork()));
        }
        // Before the keys are told: the content key follows from a block that this fetches.
        JsonObject manifest = db.length() == 0 ? null : manifest(drive, network, options.network());
        if (options.wants(Section.METADATA)) {
            steps.emit(new Keys(drive.key(), drive.contentKey().orElse(null), drive.discoveryKey()));
            Stage.BlobsState blobs = null;
            if (drive.contentKey().isPresent()) {
                Log content = drive.blobs();
                blobs = new Stage.BlobsState(content.length(), content.fork(), content.byteLength());
            }
            steps.emit(new Metadata(
                    Link.of(drive.key()),
                    Stage.verlink(drive),
                    text(manifest, "name"),
                    text(manifest, "version"),
                    text(manifest, "productName"),
                    text(manifest, "upgrade"),
                    db.length(),
                    db.byteLength(),
                    blobs,
                    db.fork()));
        }
        if (options.wants(Section.MULTISIG)) {
            multisig(db.manifest(), options, steps);
        }
        if (options.wants(Section.MANIFEST) && (manifest != null || !options.isAll())) {
            steps.emit(new PackageManifest(manifest));
        }
        if (options.changelog() != null && db.length() > 0) {
            Changelog.tellOf(drive, options.changelog(), steps);
        }
    }

    private static void multisig(@Nullable Manifest manifest, Options options, Steps steps) {
        if (manifest != null && manifest.signers().size() > 1) {
            List<Key> keys = manifest.signers().stream().map(Signer::publicKey).toList();
            steps.emit(new Multisig(manifest.quorum(), keys, options.sections().size() == 1));
        } else if (!options.isAll()) {
            throw new EspalierException("ERR_INVALID_INPUT", "Link has no multisig signers");
        }
    }

    /** Null when there is none, or none that can be had here. */
    private static @Nullable JsonObject manifest(Drive drive, Network network, NetworkOptions options)
            throws IOException {
        Duration patience = options.timeout().isZero() ? NetworkOptions.DEFAULT_TIMEOUT : options.timeout();
        drive.blockTimeout(network.canAsk() ? patience : Duration.ZERO);
        try {
            PackageJson manifest = PackageJson.of(drive);
            return manifest == null ? null : manifest.json();
        } catch (EspalierException e) {
            if (e.code().equals("ERR_NOT_FOUND")) {
                return null;
            }
            throw e;
        }
    }

    private static @Nullable String text(@Nullable JsonObject manifest, String field) {
        return manifest == null ? null : Project.text(manifest, field);
    }
}
