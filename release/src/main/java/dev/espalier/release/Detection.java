package dev.espalier.release;

import java.io.IOException;
import java.util.List;

/**
 * One thing that can be in the way of a release. Implementations are made of the facts they judge; what is not known is
 * null, and then nothing is found.
 *
 * <p><b>Threading:</b> as the facts.
 */
@FunctionalInterface
interface Detection {

    /**
     * What it finds, the worst first; nothing when all is well. May read files.
     *
     * @throws IOException when what is to be judged cannot be read
     */
    List<Finding> findings() throws IOException;
}
