package dev.espalier.drive;

/**
 * Where the bytes of a file are in the blobs log (drive specification §2).
 *
 * @param blockOffset first block
 * @param byteOffset bytes in the log before that block
 * @param blockLength number of blocks; 0 for an empty file
 * @param byteLength number of bytes; of the map when {@code blockMap}
 * @param blockMap whether the blocks hold a map of blocks elsewhere in the log instead of the file's bytes
 */
public record BlobId(long blockOffset, long byteOffset, long blockLength, long byteLength, boolean blockMap) {

    /** Bytes of a block that this library writes. */
    public static final int BLOCK_SIZE = 65536;

    /** A plain blob. */
    public BlobId(long blockOffset, long byteOffset, long blockLength, long byteLength) {
        this(blockOffset, byteOffset, blockLength, byteLength, false);
    }

    /**
     * Refuses negative numbers.
     *
     * @throws IllegalArgumentException when one is negative
     */
    public BlobId {
        if (blockOffset < 0 || byteOffset < 0 || blockLength < 0 || byteLength < 0) {
            throw new IllegalArgumentException("negative number in blob id " + blockOffset + ", " + byteOffset + ", "
                    + blockLength + ", " + byteLength);
        }
    }
}
