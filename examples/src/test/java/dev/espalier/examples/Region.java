package dev.espalier.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What stands between {@code // region NAME} and {@code // endregion} in a source file, without common indentation.
 *
 * @param name what follows {@code region}
 * @param text the lines in between
 */
record Region(String name, String text) {

    private static final String START = "// region ";
    private static final String END = "// endregion";

    /** All regions of all Java files below {@code folder}. */
    static List<Region> below(Path folder) throws IOException {
        List<Region> regions = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                regions.addAll(of(file));
            }
        }
        return regions;
    }

    private static List<Region> of(Path file) throws IOException {
        List<Region> regions = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.startsWith(START)) {
                int start = i + 1;
                while (!lines.get(i).strip().equals(END)) {
                    i++;
                }
                String text = String.join("\n", lines.subList(start, i)).stripIndent();
                regions.add(new Region(line.substring(START.length()), text));
            }
        }
        return regions;
    }
}
