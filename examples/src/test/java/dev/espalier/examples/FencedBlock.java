package dev.espalier.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A block between lines of three backticks in a Markdown file.
 *
 * @param language what follows the opening backticks; may be empty
 * @param line number of the opening line, from 1
 * @param lines what is in between
 */
record FencedBlock(String language, int line, List<String> lines) {

    private static final String FENCE = "```";

    /** All blocks of a file, in order; an {@link IllegalStateException} when the last one does not end. */
    static List<FencedBlock> of(Path file) throws IOException {
        List<FencedBlock> blocks = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(FENCE)) {
                int start = i++;
                while (i < lines.size() && !lines.get(i).equals(FENCE)) {
                    i++;
                }
                if (i == lines.size()) {
                    throw new IllegalStateException(file + ":" + (start + 1) + ": this block does not end");
                }
                String language = lines.get(start).substring(FENCE.length()).strip();
                blocks.add(new FencedBlock(language, start + 1, List.copyOf(lines.subList(start + 1, i))));
            }
        }
        return blocks;
    }

    /** The lines as one text. */
    String text() {
        return String.join("\n", lines);
    }
}
