package dev.espalier.release;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * R13: an application for macOS that compiles at run time needs two entitlements, in the file that it is signed with and,
 * once it is signed, in its programs.
 *
 * <p>A signed program holds its entitlements as a property list: {@code FADE7171}, their length with these eight bytes, and
 * XML.
 *
 * @param project the application's folder; null when it is not known
 * @param build the deployment folder; null when there is none yet
 */
record Entitlements(@Nullable Path project, @Nullable Path build) implements Detection {

    private static final int MAGIC = 0xfade7171;
    private static final int PROLOGUE = 8;
    private static final String PREFIX = "com.apple.security.cs.";
    private static final List<String> NEEDED = List.of("allow-jit", "allow-unsigned-executable-memory");

    @Override
    public List<Finding> findings() throws IOException {
        List<Finding> found = new ArrayList<>();
        Path own = project == null ? null : project.resolve("build").resolve("entitlements.mac.plist");
        if (own != null && Files.isRegularFile(own) && Files.size(own) <= Xml.MAX_BYTES) {
            judge("build/entitlements.mac.plist", Files.readAllBytes(own), found);
        }
        if (build != null) {
            for (Path program : programs(build)) {
                String name = build.relativize(program).toString();
                byte[] list = signedInto(program);
                if (list == null) {
                    found.add(Finding.warning(
                            "R12",
                            "NOT_SIGNED",
                            name + " is not signed with entitlements: macOS runs it on the machine where it was made"
                                    + " and quarantines it elsewhere.",
                            "Make it again where the signing variables are set."));
                } else {
                    judge(name, list, found);
                }
            }
        }
        return found;
    }

    private static void judge(String name, byte[] list, List<Finding> found) throws IOException {
        Document document = Xml.parse(list);
        List<String> lacking = NEEDED.stream()
                .filter(key -> document == null || !isTrue(document, PREFIX + key))
                .toList();
        if (!lacking.isEmpty()) {
            found.add(Finding.warning(
                    "R13",
                    "MISSING_ENTITLEMENT",
                    name + " does not allow " + String.join(" and ", lacking)
                            + ": a notarised application that compiles at run time ends at once.",
                    "Set "
                            + String.join(
                                    " and ",
                                    lacking.stream().map(key -> PREFIX + key).toList())
                            + " to true, and make the artefact again."));
        }
    }

    /** Whether the element after a key is {@code <true/>}. */
    private static boolean isTrue(Document list, String key) {
        NodeList keys = list.getElementsByTagName("key");
        for (int i = 0; i < keys.getLength(); i++) {
            if (keys.item(i).getTextContent().strip().equals(key)) {
                var next = keys.item(i).getNextSibling();
                while (next != null && !(next instanceof Element)) {
                    next = next.getNextSibling();
                }
                return next != null && next.getNodeName().equals("true");
            }
        }
        return false;
    }

    private static List<Path> programs(Path build) throws IOException {
        List<Path> programs = new ArrayList<>();
        for (Path app : matching(build.resolve("by-arch"), "darwin-*")) {
            for (Path bundle : matching(app.resolve("app"), "*.app")) {
                for (Path program : matching(bundle.resolve("Contents").resolve("MacOS"), "*")) {
                    if (Files.isRegularFile(program)) {
                        programs.add(program);
                    }
                }
            }
        }
        return programs;
    }

    private static List<Path> matching(Path folder, String pattern) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, pattern)) {
            stream.forEach(children::add);
        }
        children.sort(null);
        return children;
    }

    /** The property list in a program; null when there is none. */
    private static byte @Nullable [] signedInto(Path program) throws IOException {
        try (InputStream file = Files.newInputStream(program);
                DataInputStream in = new DataInputStream(new BufferedInputStream(file, 1 << 16))) {
            int last = 0;
            while (true) {
                last = last << Byte.SIZE | in.readUnsignedByte();
                if (last == MAGIC) {
                    int length = in.readInt() - PROLOGUE;
                    if (length > 0 && length <= Xml.MAX_BYTES) {
                        return in.readNBytes(length);
                    }
                }
            }
        } catch (EOFException e) {
            return null;
        }
    }
}
