package dev.espalier.replicate;

import dev.espalier.merkle.Key;
import java.util.HashMap;
import java.util.Map;

/**
 * What went over one connection or several, at one moment.
 *
 * @param wireBytesIn bytes received, framing and encryption included
 * @param wireBytesOut bytes sent, likewise
 * @param logs the blocks among them, by key of the log
 */
public record Traffic(long wireBytesIn, long wireBytesOut, Map<Key, BlockTraffic> logs) {

    /** Nothing yet. */
    public static final Traffic NONE = new Traffic(0, 0, Map.of());

    /** Keeps its own copy of the map. */
    public Traffic {
        logs = Map.copyOf(logs);
    }

    /** The blocks of all logs together. */
    public BlockTraffic blocks() {
        BlockTraffic sum = BlockTraffic.NONE;
        for (BlockTraffic log : logs.values()) {
            sum = sum.plus(log);
        }
        return sum;
    }

    /** The blocks of one log. */
    public BlockTraffic blocks(Key log) {
        return logs.getOrDefault(log, BlockTraffic.NONE);
    }

    /** The sum of both. */
    public Traffic plus(Traffic other) {
        Map<Key, BlockTraffic> sum = new HashMap<>(logs);
        other.logs.forEach((key, blocks) -> sum.merge(key, blocks, BlockTraffic::plus));
        return new Traffic(wireBytesIn + other.wireBytesIn, wireBytesOut + other.wireBytesOut, sum);
    }
}
