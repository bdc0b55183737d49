package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.multisig.MultisigConfig;
import dev.espalier.release.multisig.SigningRequest;
import org.jspecify.annotations.Nullable;

/** Makes the request that signers sign, of a source that is well seeded (release specification §4.3, §4.5). */
public final class MultisigRequest {

    private MultisigRequest() {}

    /**
     * What to ask for.
     *
     * @param length length of the source's database; null for the present one
     * @param otherLength whether another length than the present one is meant indeed
     * @param force whether a badly seeded source will do
     * @param legacy whether the request must be readable by hypercore-sign 3.0
     * @param rule when the source is well seeded
     * @param network where its peers are
     */
    public record Options(
            @Nullable Long length,
            boolean otherLength,
            boolean force,
            boolean legacy,
            SeedingRule rule,
            NetworkOptions network) {

        /** All of a well-seeded source. */
        public static Options of(NetworkOptions network) {
            return new Options(null, false, false, false, SeedingRule.DEFAULT, network);
        }
    }

    /** The source is opened. */
    public record GettingBlobs() implements Event {
        @Override
        public String tag() {
            return "getting-src-blobs";
        }
    }

    /** Waits for seeders of the database. */
    public record VerifyingDb() implements Event {
        @Override
        public String tag() {
            return "verify-db-requestable-start";
        }
    }

    /** The entries are fetched, to see which bytes they need. */
    public record MeasuringBlobs() implements Event {
        @Override
        public String tag() {
            return "getting-blobs-length";
        }
    }

    /** Waits for seeders of the bytes. */
    public record VerifyingBlobs() implements Event {
        @Override
        public String tag() {
            return "verify-blobs-requestable-start";
        }
    }

    /** The request is put together. */
    public record Creating() implements Event {
        @Override
        public String tag() {
            return "creating-drive";
        }
    }

    /**
     * The request.
     *
     * @param request its text
     * @param source the version that it is about
     * @param target link of production
     * @param length blocks of the database
     * @param blobsLength blocks of the bytes; null for a single log
     */
    public record Result(
            String request,
            Link source,
            Link target,
            long length,
            @Nullable Long blobsLength) {}

    static Result run(LogStore store, MultisigConfig config, Options options, Steps steps) {
        Key key = requireSource(config);
        Network.requireSomebody(store, key, options.network());
        Seeders seeders = new Seeders(store, steps, options.rule());
        try (Network network = Network.open(steps, store, options.network());
                MultisigSource source = MultisigSource.open(store, key, config.drive(), network, seeders, steps)) {
            SigningRequest request = request(config, source, options, steps);
            Log db = source.db();
            return new Result(
                    request.toString(),
                    Link.of(key, db.fork(), request.head().length()),
                    Link.of(config.key()),
                    request.head().length(),
                    request.blobs() == null ? null : request.blobs().length());
        }
    }

    /** The key of the source that a configuration names. */
    static Key requireSource(MultisigConfig config) {
        Key key = config.source();
        if (key == null) {
            throw new EspalierException(
                    "ERR_INVALID_CONFIG",
                    "The configuration lacks srcKey, the key of the provision link; add it, or name the source.");
        }
        if (key.equals(config.key())) {
            throw new EspalierException(
                    "ERR_INVALID_CONFIG",
                    "srcKey is the key of production itself; it must be that of the provision link.");
        }
        return key;
    }

    private static SigningRequest request(MultisigConfig config, MultisigSource source, Options options, Steps steps) {
        Log db = source.db();
        if (config.drive()) {
            steps.emit(new GettingBlobs());
        }
        source.learn();
        Long asked = options.length();
        String name = config.drive() ? "db" : "core";
        source.requireLength(db, name, asked == null ? 1 : asked);
        long length = asked == null ? db.length() : asked;
        if (length <= 0) {
            throw new EspalierException("ERR_INVALID_INPUT", "A request is for 1 block or more, not " + length + ".");
        }
        if (length != db.length() && !options.otherLength()) {
            throw new EspalierException(
                    "ERR_NOT_CONFIRMED",
                    "The source has " + db.length() + " blocks, and " + length
                            + " were asked for: the rest would not be released; if that is meant, say so with --yes.");
        }
        if (db.fork() != 0) {
            throw new EspalierException(
                    "INVALID_SIGNATURE",
                    "The source is at fork " + db.fork() + ", and production can only be at fork 0: a signature over it"
                            + " would never hold; never truncate a provision link, provision to a new one.");
        }
        if (!options.force()) {
            steps.emit(new VerifyingDb());
            source.requireSeeders(db, name);
        }
        SigningRequest.Head blobs = null;
        if (config.drive()) {
            steps.emit(new MeasuringBlobs());
            long blobsLength = source.learnBlobs(length);
            Log bytes = source.drive().blobs();
            source.requireLength(bytes, "blobs", blobsLength);
            if (!options.force()) {
                steps.emit(new VerifyingBlobs());
                source.requireSeeders(bytes, "blobs");
            }
            blobs = new SigningRequest.Head(blobsLength, source.treeHash(bytes, blobsLength));
            steps.emit(new Creating());
        }
        SigningRequest.Head head = new SigningRequest.Head(length, source.treeHash(db, length));
        int version = options.legacy() ? SigningRequest.LEGACY_VERSION : SigningRequest.VERSION;
        return SigningRequest.of(version, config.manifest(), 0, head, blobs);
    }
}
