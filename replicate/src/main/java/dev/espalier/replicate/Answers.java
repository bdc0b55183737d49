package dev.espalier.replicate;

import dev.espalier.log.BlockView;
import dev.espalier.log.Log;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.VerificationException;
import dev.espalier.replicate.LogMessage.NoData;
import dev.espalier.replicate.LogMessage.Request;
import dev.espalier.replicate.mux.MuxChannel;
import dev.espalier.replicate.mux.MuxException;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the requests of one peer for one log (replication specification §5.5).
 *
 * <p>Answers wait while the connection is not writable, so that a peer that asks faster than it reads costs the memory
 * of its requests, of which it may have {@link #MAX_WAITING}.
 *
 * <p><b>Threading:</b> the event loop of the connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // timers and tasks of the event loop need no answer
final class Answers {

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    /** Most requests that may wait for the connection to be writable. */
    static final int MAX_WAITING = 4_096;

    /** This many senseless requests end the connection. */
    static final int MAX_INVALID = 64;

    private final Log log;
    private final MuxChannel channel;
    private final LogCounters counters;
    private final PeerBudget budget;
    private final boolean uploads;
    private final LinkedHashMap<Long, Request> waiting = new LinkedHashMap<>();
    private final Map<Long, Request> refused = new HashMap<>();
    private final GivenLength given = new GivenLength();
    private int invalid;

    Answers(Log log, MuxChannel channel, LogCounters counters, PeerBudget budget, boolean uploads) {
        this.uploads = uploads;
        this.budget = budget;
        this.log = log;
        this.channel = channel;
        this.counters = counters;
    }

    /** The manifest that is worth sending: null when not known, or when it follows from the key. */
    static @Nullable Manifest announcedManifest(Log log) {
        Manifest manifest = log.manifest();
        return manifest == null || manifest.isCompat(log.key()) ? null : manifest;
    }

    /** Answers now or once the connection takes it. The same id again replaces the earlier request. */
    void request(Request request) {
        cancel(request.id());
        if (waiting.size() >= MAX_WAITING) {
            throw new MuxException("The peer has more than " + MAX_WAITING + " requests outstanding.");
        }
        budget.takeRequest();
        waiting.put(request.id(), request);
        resume();
    }

    void cancel(long id) {
        if (waiting.remove(id) != null) {
            budget.giveRequests(1);
        }
        refused.remove(id);
    }

    /** Answers what waits, as long as the connection takes it. */
    void resume() {
        while (channel.isWritable() && !waiting.isEmpty()) {
            Iterator<Request> first = waiting.values().iterator();
            Request request = first.next();
            first.remove();
            budget.giveRequests(1);
            answer(request);
        }
    }

    void close() {
        budget.giveRequests(waiting.size());
        waiting.clear();
        refused.clear();
    }

    /** Length that upgrades led the other side to, in this fork: what it says of its length comes later. */
    long given(long fork) {
        return given.in(fork);
    }

    /** Sends a block that was not asked for, as the answer to request 0, if it is here and can be proven. */
    void push(ProofRequest ask) {
        BlockView view = log.view(ask.block().index()).orElse(null);
        if (view == null) {
            return;
        }
        boolean handedOver = false;
        try {
            Proof proof = prove(ask).withManifest(manifestFor(ask)).withValue(view.bytes());
            handedOver = true;
            sendBlock(0, proof, view);
        } catch (EspalierException e) {
            LOG.debug("log {} cannot push block {}: {}", log.id(), ask.block().index(), e.getMessage());
        } finally {
            if (!handedOver) {
                view.close();
            }
        }
    }

    private void answer(Request request) {
        ProofRequest ask = given.fit(request.ask(), request.fork());
        if (!uploads || request.fork() != log.fork()) {
            notAvailable(request);
            return;
        }
        if (log.length() == 0) {
            send(request, new Proof(request.fork(), null, null, null, null, manifestFor(ask)));
            return;
        }
        BlockView view = null;
        if (ask.block() != null) {
            Optional<BlockView> held = log.view(ask.block().index());
            if (held.isEmpty()) {
                notAvailable(request);
                return;
            }
            view = held.get();
        }
        boolean handedOver = false;
        try {
            Proof proof = prove(ask).withManifest(manifestFor(ask));
            if (proof.fork() != request.fork()) {
                // Truncated since: view and proof may be of different trees.
                notAvailable(request);
            } else if (view == null) {
                send(request, proof);
            } else {
                handedOver = true;
                sendBlock(request.id(), proof.withValue(view.bytes()), view);
            }
        } catch (VerificationException e) {
            refuse(request);
        } catch (EspalierException e) {
            if (!"ERR_NOT_FOUND".equals(e.code())) {
                LOG.warn("log {} cannot answer a peer: {}", log.id(), e.getMessage());
            }
            notAvailable(request);
        } finally {
            if (view != null && !handedOver) {
                view.close();
            }
        }
    }

    /** A seek that does not lie below the node asked for is left out, as peers do. */
    private Proof prove(ProofRequest ask) {
        try {
            return log.prove(ask);
        } catch (VerificationException e) {
            if (ask.seek() == null || ask.upgrade() != null || (ask.block() == null && ask.hash() == null)) {
                throw e;
            }
            return log.prove(new ProofRequest(ask.block(), ask.hash(), null, null, ask.manifest()));
        }
    }

    private @Nullable Manifest manifestFor(ProofRequest ask) {
        return ask.manifest() ? announcedManifest(log) : null;
    }

    private void sendBlock(long request, Proof proof, BlockView view) {
        int bytes = view.bytes().remaining();
        long index = proof.block().index();
        BlockMessage message = BlockMessage.of(channel.mux().transport().alloc(), request, proof, view);
        counters.sent(bytes);
        given.sent(proof, request == 0);
        channel.send(LogMessage.Data.TYPE, message);
        log.sent(index, bytes);
    }

    private void send(Request request, Proof proof) {
        CompactWriter out = new CompactWriter(256);
        proof.encodeBeforeValue(out, request.id());
        given.sent(proof, false);
        channel.send(LogMessage.Data.TYPE, Unpooled.wrappedBuffer(out.view()));
    }

    /** The manifest is given even if the rest cannot be. */
    private void notAvailable(Request request) {
        Manifest manifest = manifestFor(request.ask());
        if (manifest != null) {
            send(request, new Proof(log.fork(), null, null, null, null, manifest));
        } else {
            noData(request.id(), NoData.NOT_AVAILABLE);
        }
    }

    private void refuse(Request request) {
        invalid++;
        if (invalid >= MAX_INVALID) {
            throw new MuxException("The peer sent " + invalid + " requests that make no sense for the log.");
        }
        long delay = invalid >= 40 ? 5_000 : invalid >= 5 ? 1_000 : invalid >= 2 ? 500 : 200;
        refused.put(request.id(), request);
        channel.mux()
                .transport()
                .eventLoop()
                .schedule(
                        () -> {
                            if (refused.remove(request.id(), request) && !channel.isClosed()) {
                                noData(request.id(), NoData.INVALID_REQUEST);
                            }
                        },
                        delay,
                        TimeUnit.MILLISECONDS);
    }

    private void noData(long request, int reason) {
        CompactWriter out = new CompactWriter(16);
        new NoData(request, reason).encode(out);
        channel.send(NoData.TYPE, Unpooled.wrappedBuffer(out.view()));
    }
}
