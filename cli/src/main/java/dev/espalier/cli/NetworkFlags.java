package dev.espalier.cli;

import dev.espalier.merkle.EspalierException;
import dev.espalier.release.NetworkOptions;
import dev.espalier.release.Warning;
import dev.espalier.replicate.ReplicationOptions;
import dev.espalier.replicate.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of every command that talks to peers. */
final class NetworkFlags {

    @Option(
            names = "--listen",
            paramLabel = "[HOST:]PORT",
            converter = ListenAddress.class,
            description = "Accept peers by TCP; repeatable. Port 0 is any free one, the default host 127.0.0.1.")
    List<HostPort> listen = new ArrayList<>();

    @Option(
            names = "--peer",
            paramLabel = "HOST:PORT",
            converter = PeerAddress.class,
            description = "Connect to this peer by TCP, again and again; repeatable.")
    List<HostPort> peers = new ArrayList<>();

    @Option(names = "--no-dht", description = "Use no discovery, only the peers named. As yet this is always so.")
    boolean noDht;

    @Option(
            names = "--dht-bootstrap",
            paramLabel = "HOST:PORT,...",
            description = "Join this DHT. As yet there is no discovery; it is said so, and nothing is joined.")
    @Nullable
    String dhtBootstrap;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "Give up after so long without progress of peers; 0 is never. Default: ${DEFAULT-VALUE}.")
    double timeout;

    @Option(
            names = "--identity",
            description = "Show peers the identity of this store, the same each time, for their --allow.")
    boolean identity;

    @Option(
            names = "--trusted",
            description = "Peers do the same on a link that is trusted: nothing is encrypted, nobody authenticated.")
    boolean trusted;

    /** A host as typed, and a port. */
    record HostPort(String host, int port) {}

    /** Whether peers were named. */
    boolean isUsed() {
        return !listen.isEmpty() || !peers.isEmpty();
    }

    /** What was asked for; says so when it asks for discovery. */
    NetworkOptions options(Workspace work) {
        if (dhtBootstrap != null && !noDht) {
            work.tell()
                    .accept(new Warning(
                            "NO_DISCOVERY", "There is no discovery yet: only --listen and --peer find peers."));
        }
        if (!(timeout >= 0 && timeout <= 1e9)) {
            throw new EspalierException("ERR_INVALID_INPUT", "--timeout takes seconds from 0 to 1000000000.");
        }
        NetworkOptions options = new NetworkOptions(
                listen.stream().map(NetworkFlags::resolve).toList(),
                peers.stream().map(NetworkFlags::resolve).toList(),
                Duration.ofMillis(Math.round(timeout * 1000)));
        ReplicationOptions replication =
                options.replication().withTransport(trusted ? Transport.TRUSTED : Transport.ENCRYPTED);
        return options.withReplication(identity ? replication.withIdentityOf(work.store()) : replication);
    }

    private static InetSocketAddress resolve(HostPort address) {
        try {
            return new InetSocketAddress(InetAddress.getByName(address.host()), address.port());
        } catch (UnknownHostException e) {
            throw new EspalierException("ERR_INVALID_INPUT", "There is no host called " + address.host() + ".", e);
        }
    }

    private static HostPort parse(String text, @Nullable String defaultHost) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? defaultHost : text.substring(0, colon);
        if (host != null && host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = port(text.substring(colon + 1));
        if (host == null || host.isEmpty() || port < 0) {
            throw new TypeConversionException("'" + text + "' is no "
                    + (defaultHost == null ? "HOST:PORT" : "[HOST:]PORT with a port from 0 to 65535"));
        }
        return new HostPort(host, port);
    }

    private static int port(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = digits ? Integer.parseInt(text) : -1;
        return port > 65535 ? -1 : port;
    }

    /** Where to listen. */
    static final class ListenAddress implements ITypeConverter<HostPort> {
        @Override
        public HostPort convert(String text) {
            return parse(text, "127.0.0.1");
        }
    }

    /** Whom to connect to. */
    static final class PeerAddress implements ITypeConverter<HostPort> {
        @Override
        public HostPort convert(String text) {
            HostPort address = parse(text, null);
            if (address.port() == 0) {
                throw new TypeConversionException("'" + text + "' has port 0, which nobody can connect to");
            }
            return address;
        }
    }
}
