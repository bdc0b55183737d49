package dev.espalier.release;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * R14: the publisher in {@code build/AppxManifest.xml} is the subject of the certificate that packages are signed with.
 *
 * @param project the application's folder
 * @param environment variables of the person who makes artefacts, where file and password of the certificate are named
 */
record Certificate(Path project, Map<String, String> environment) implements Detection {

    private static final long MAX_FILE = 1 << 20;

    @Override
    public List<Finding> findings() throws IOException {
        String named = environment.getOrDefault("WINDOWS_CERTIFICATE_FILE", "");
        Path manifest = project.resolve("build").resolve("AppxManifest.xml");
        if (named.isBlank() || !Files.isRegularFile(manifest) || Files.size(manifest) > Xml.MAX_BYTES) {
            return List.of();
        }
        Document document = Xml.parse(Files.readAllBytes(manifest));
        String publisher = document != null
                        && document.getElementsByTagNameNS("*", "Identity").item(0) instanceof Element identity
                ? identity.getAttribute("Publisher")
                : "";
        List<X500Principal> subjects;
        try {
            subjects = subjects(project.resolve(named));
        } catch (GeneralSecurityException | IOException | InvalidPathException e) {
            return List.of(Finding.warning(
                    "R14",
                    "NOT_SIGNED",
                    "The certificate of WINDOWS_CERTIFICATE_FILE cannot be opened with WINDOWS_CERTIFICATE_PASSWORD.",
                    "Name a .pfx file and its password."));
        }
        X500Principal wanted = principal(publisher);
        if (wanted != null && subjects.contains(wanted)) {
            return List.of();
        }
        return List.of(Finding.warning(
                "R14",
                "PUBLISHER_CHANGED",
                "The publisher in build/AppxManifest.xml, " + LinkText.shorten(publisher)
                        + ", is not the subject of the certificate of WINDOWS_CERTIFICATE_FILE.",
                "Set Publisher to the certificate's subject, or sign with the certificate of this publisher."));
    }

    private List<X500Principal> subjects(Path file) throws GeneralSecurityException, IOException {
        if (Files.size(file) > MAX_FILE) {
            throw new IOException("too large for a certificate");
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        char[] password =
                environment.getOrDefault("WINDOWS_CERTIFICATE_PASSWORD", "").toCharArray();
        keys.load(new ByteArrayInputStream(Files.readAllBytes(file)), password);
        List<X500Principal> subjects = new ArrayList<>();
        for (String alias : Collections.list(keys.aliases())) {
            if (keys.getCertificate(alias) instanceof X509Certificate certificate) {
                subjects.add(certificate.getSubjectX500Principal());
            }
        }
        return subjects;
    }

    private static @Nullable X500Principal principal(String name) {
        try {
            return new X500Principal(name);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
