package dev.espalier.drive;

/**
 * What a mirror did, or in a dry run would have done.
 *
 * @param files source entries seen after the filter
 * @param added entries the destination lacked
 * @param changed entries that differed
 * @param removed entries the source lacked
 * @param bytesAdded bytes of files added and changed
 * @param bytesRemoved bytes of files removed and changed
 */
public record MirrorResult(long files, long added, long changed, long removed, long bytesAdded, long bytesRemoved) {

    /** Whether the destination was the same as the source. */
    public boolean isEqual() {
        return added + changed + removed == 0;
    }
}
