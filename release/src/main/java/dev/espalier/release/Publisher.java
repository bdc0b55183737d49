package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * R14: Windows refuses an update by another publisher. Compares those of the application's {@code
 * build/AppxManifest.xml}, of the packages in the deployment folder, and of those in an earlier one.
 *
 * @param project the application's folder; null when it is not known
 * @param build the deployment folder; null when there is none yet
 * @param previous an earlier deployment folder; null when it is not known
 */
record Publisher(
        @Nullable Path project,
        @Nullable Path build,
        @Nullable Path previous) implements Detection {

    private static final String MANIFEST = "AppxManifest.xml";

    /** Who published what. */
    private record Named(String where, String publisher) {}

    @Override
    public List<Finding> findings() throws IOException {
        List<Named> all = new ArrayList<>();
        packages(previous, all);
        packages(build, all);
        Path own = project == null ? null : project.resolve("build").resolve(MANIFEST);
        if (own != null && Files.isRegularFile(own)) {
            try (InputStream in = Files.newInputStream(own)) {
                add("build/" + MANIFEST, in, all);
            }
        }
        List<Finding> found = new ArrayList<>();
        for (Named one : all) {
            Named first = all.get(0);
            if (!one.publisher().equals(first.publisher())) {
                found.add(Finding.failure(
                        "R14",
                        "PUBLISHER_CHANGED",
                        "The publisher of " + one.where() + " is " + LinkText.shorten(one.publisher()) + ", that of "
                                + first.where() + " is " + LinkText.shorten(first.publisher())
                                + ": Windows refuses such an update.",
                        "Make the package with the publisher and certificate of before."));
            }
        }
        return found;
    }

    private static void packages(@Nullable Path build, List<Named> all) throws IOException {
        Path platforms = build == null ? null : build.resolve("by-arch");
        if (platforms == null || !Files.isDirectory(platforms)) {
            return;
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(platforms, "win32-*")) {
            for (Path folder : folders) {
                if (Files.isDirectory(folder.resolve("app"))) {
                    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder.resolve("app"), "*.msix")) {
                        found.forEach(files::add);
                    }
                }
            }
        }
        files.sort(null);
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                continue;
            }
            try (ZipFile zip = new ZipFile(file.toFile())) {
                ZipEntry manifest = zip.getEntry(MANIFEST);
                if (manifest != null) {
                    try (InputStream in = zip.getInputStream(manifest)) {
                        add(file.toString(), in, all);
                    }
                }
            } catch (ZipException e) {
                throw new EspalierException(
                        "ERR_INVALID_INPUT", file + " is no package for Windows: " + e.getMessage() + ".", e);
            }
        }
    }

    private static void add(String where, InputStream in, List<Named> all) throws IOException {
        Document document = Xml.parse(in.readNBytes(Xml.MAX_BYTES));
        NodeList identities = document == null ? null : document.getElementsByTagNameNS("*", "Identity");
        if (identities != null && identities.item(0) instanceof Element identity) {
            all.add(new Named(where, identity.getAttribute("Publisher")));
        }
    }
}
