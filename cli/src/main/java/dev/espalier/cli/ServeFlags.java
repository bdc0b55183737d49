package dev.espalier.cli;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.NetworkOptions;
import dev.espalier.replicate.PeerRules;
import dev.espalier.replicate.Transport;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of the commands that serve peers until interrupted: whom, and how fast. */
final class ServeFlags {

    @Option(
            names = "--allow",
            paramLabel = "PEER",
            converter = Peer.class,
            description = "Let only this peer in, by the key that it shows with --identity; repeatable.")
    List<Key> allow = new ArrayList<>();

    @Option(
            names = "--max-peers",
            paramLabel = "N",
            defaultValue = "1024",
            description = "Turn away more than so many peers on each --listen. Default: ${DEFAULT-VALUE}.")
    int maxPeers;

    @Option(
            names = "--limit-up",
            paramLabel = "RATE",
            converter = Rate.class,
            defaultValue = "0",
            description = "Send at most so many bytes a second, as 500K or 2M, on each --listen and --peer.")
    long limitUp;

    @Option(
            names = "--limit-down",
            paramLabel = "RATE",
            converter = Rate.class,
            defaultValue = "0",
            description = "Receive at most so many, likewise.")
    long limitDown;

    @Option(
            names = "--limit-peer-up",
            paramLabel = "RATE",
            converter = Rate.class,
            defaultValue = "0",
            description = "Send at most so many to each peer.")
    long limitPeerUp;

    @Option(
            names = "--limit-peer-down",
            paramLabel = "RATE",
            converter = Rate.class,
            defaultValue = "0",
            description = "Receive at most so many from each peer.")
    long limitPeerDown;

    @Option(names = "--upload-only", description = "Serve what is here, and ask peers for nothing.")
    boolean uploadOnly;

    /** The same network under these rules. */
    NetworkOptions apply(NetworkOptions network) {
        if (maxPeers < 1) {
            throw new EspalierException("ERR_INVALID_INPUT", "--max-peers takes a number from 1 on.");
        }
        PeerRules rules = PeerRules.NONE
                .withTotal(new PeerRules.Rate(limitUp, limitDown))
                .withPerPeer(new PeerRules.Rate(limitPeerUp, limitPeerDown));
        if (!allow.isEmpty()) {
            if (network.replication().transport() == Transport.TRUSTED) {
                throw new EspalierException(
                        "ERR_INVALID_INPUT", "--allow needs identities that are proven; with --trusted they are not.");
            }
            rules = rules.allowing(new HashSet<>(allow));
        }
        if (uploadOnly) {
            rules = rules.uploadOnly();
        }
        return network.withReplication(
                network.replication().withMaxPeers(maxPeers).withRules(rules));
    }

    /** Bytes a second. */
    static final class Rate implements ITypeConverter<Long> {

        private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000_000_000L);

        @Override
        public Long convert(String text) {
            String digits = text.toUpperCase(Locale.ROOT);
            int power = digits.isEmpty() ? -1 : "KMG".indexOf(digits.charAt(digits.length() - 1));
            if (power >= 0) {
                digits = digits.substring(0, digits.length() - 1);
            }
            if (digits.matches("[0-9]{1,12}(\\.[0-9]{1,3})?")) {
                BigDecimal bytes = new BigDecimal(digits).movePointRight(3 * (power + 1));
                if (bytes.compareTo(MOST) <= 0) {
                    return bytes.longValue();
                }
            }
            throw new TypeConversionException(
                    "'" + text + "' is no rate; it takes bytes a second, as 500000, 500K, 2.5M or 1G");
        }
    }

    /** The key of a peer. */
    static final class Peer implements ITypeConverter<Key> {
        @Override
        public Key convert(String text) {
            try {
                return Key.parse(text);
            } catch (RuntimeException e) {
                throw new TypeConversionException("'" + text + "' is no key of a peer");
            }
        }
    }
}
