package dev.espalier.replicate;

/**
 * How many blocks went over the wire, and their bytes without proofs and framing.
 *
 * @param blocksIn verified blocks fetched
 * @param bytesIn bytes of those
 * @param blocksOut blocks served
 * @param bytesOut bytes of those
 */
public record BlockTraffic(long blocksIn, long bytesIn, long blocksOut, long bytesOut) {

    /** Nothing yet. */
    public static final BlockTraffic NONE = new BlockTraffic(0, 0, 0, 0);

    /** The sum of both. */
    public BlockTraffic plus(BlockTraffic other) {
        return new BlockTraffic(
                blocksIn + other.blocksIn,
                bytesIn + other.bytesIn,
                blocksOut + other.blocksOut,
                bytesOut + other.bytesOut);
    }
}
