package dev.espalier.cli;

/**
 * The person who typed the command, to be asked.
 *
 * <p><b>Threading:</b> one thread.
 */
interface Keyboard {

    /** Nobody is there. */
    Keyboard NONE = new Keyboard() {
        @Override
        public boolean isPresent() {
            return false;
        }

        @Override
        public byte[] secret(String prompt) {
            throw new IllegalStateException("nobody to ask");
        }

        @Override
        public String line(String prompt) {
            throw new IllegalStateException("nobody to ask");
        }
    };

    /** Whether there is somebody to ask. */
    boolean isPresent();

    /**
     * What is typed after {@code prompt} without being shown, as UTF-8 without the line end; to be wiped.
     *
     * @throws dev.espalier.merkle.EspalierException {@code ERR_INTERRUPTED} after Ctrl-C
     */
    byte[] secret(String prompt);

    /**
     * A line that is typed after {@code prompt}.
     *
     * @throws dev.espalier.merkle.EspalierException {@code ERR_INTERRUPTED} after Ctrl-C
     */
    String line(String prompt);
}
