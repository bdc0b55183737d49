package dev.espalier.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.espalier.drive.LocalFolder;
import dev.espalier.merkle.EspalierException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each detection on facts that are right, and on facts that are not. */
class DetectionTest {

    private static final Link ONE = Link.parseDrive("pear://q9sopzoqgas9usoiq7uzkkwngm5pzj4zo3n4esjwwbmw6offis8o");
    private static final Link TWO = Link.parseDrive("pear://69qwbihxj4c8te15wt3skj4j1g3ufmbo3mperedjqr1hb55mspoo");

    @TempDir
    Path folder;

    /** {@code D1 failure VERSION_NOT_RAISED} of each finding. */
    private static List<String> found(Detection detection) throws IOException {
        return detection.findings().stream()
                .peek(finding -> assertThat(finding.what() + finding.advice()).doesNotContain("null"))
                .map(finding -> finding.id() + " " + finding.severity().name().toLowerCase(java.util.Locale.ROOT) + " "
                        + finding.code())
                .toList();
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private LocalFolder files() {
        return LocalFolder.of(folder);
    }

    // ---- the package.json

    @ParameterizedTest
    @CsvSource({
        "1.0.0,",
        ",R9 failure INVALID_VERSION",
        "v1.0,R9 failure INVALID_VERSION",
        "1.0.0-rc.1,R9 warning PRERELEASE_VERSION",
        "1.0.0+7,R9 warning PRERELEASE_VERSION"
    })
    void aVersionMustBeOne(@Nullable String version, @Nullable String expected) throws IOException {
        assertThat(found(new VersionForm(version))).isEqualTo(expected == null ? List.of() : List.of(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "1.0.0,1.0.1,true,",
        "1.0.0,1.0.0,true,D1 failure VERSION_NOT_RAISED",
        "1.0.0,1.0.0+2,true,D1 failure VERSION_NOT_RAISED",
        "1.0.0,1.0.0-1,true,D1 failure VERSION_NOT_RAISED",
        "1.10.0,1.9.0,true,D1 failure VERSION_NOT_RAISED",
        "1.0.0,nonsense,true,D1 failure VERSION_NOT_RAISED",
        "1.0.0,1.0.0,false,D1 warning VERSION_NOT_RAISED",
        ",1.0.0,true,",
        "1.0.0,,true,",
        "nonsense,1.0.0,true,"
    })
    void aVersionMustRise(@Nullable String before, @Nullable String now, boolean changed, @Nullable String expected)
            throws IOException {
        assertThat(found(new VersionNotRaised(before, now, "here", "there", changed)))
                .isEqualTo(expected == null ? List.of() : List.of(expected));
    }

    @Test
    void theUpgradeLinkIsThatOfTheLine() throws IOException {
        ReleaseLine staging = new ReleaseLine("staging", ONE, ONE, ReleaseLine.Kind.STAGE);
        ReleaseLines lines = new ReleaseLines(List.of(staging));
        assertThat(found(UpgradeLink.of(ONE.toString(), staging, lines))).isEmpty();
        assertThat(found(UpgradeLink.of("pear://0.7." + ONE.requireDrive().key(), staging, lines)))
                .isEmpty();
        assertThat(found(UpgradeLink.of(null, staging, lines))).containsExactly("D2 failure NO_UPGRADE_LINK");
        assertThat(found(UpgradeLink.of("staging", staging, lines))).containsExactly("D2 failure INVALID_UPGRADE_LINK");
        assertThat(found(UpgradeLink.of(TWO.toString(), staging, lines)))
                .containsExactly("D2 failure OTHER_UPGRADE_LINK");
        assertThat(found(UpgradeLink.of(TWO.toString(), lines))).containsExactly("D2 warning OTHER_UPGRADE_LINK");
        assertThat(found(UpgradeLink.of(TWO.toString(), ReleaseLines.NONE))).isEmpty();
    }

    @Test
    void aBuildThatPointsToProductionIsExplainedAndNoFailure() throws IOException {
        assertThat(found(new NoUpdatesByDesign("rc", ONE, TWO))).containsExactly("D8 note DISTRIBUTE_BY_HAND");
        assertThat(found(new NoUpdatesByDesign("production", TWO, TWO))).isEmpty();
    }

    @Test
    void whatIsMissingBeforeArtefactsAreMadeIsListed() throws IOException {
        JsonObject manifest = JsonParser.parseString(
                        "{\"author\":{\"name\":\"A\"},\"license\":\" \",\"description\":null,\"name\":\"hello\"}")
                .getAsJsonObject();
        write("build/icon.ico", "");
        assertThat(new MakeChecklist(manifest, folder).findings())
                .extracting(Finding::what)
                .containsExactly(
                        "The package.json has no license.",
                        "The package.json has no description.",
                        "The package.json has no productName.",
                        "There is no build/icon.icns.",
                        "There is no build/icon.png.");
    }

    // ---- the deployment folder

    @Test
    void theLeastLayoutIsAPackageAndABuild() throws IOException {
        assertThat(found(new LeastLayout(files(), "folder"))).containsExactly("R18 failure NO_PACKAGE_JSON");
        write("package.json", "{}");
        write("by-arch/linux-x64/readme", "");
        assertThat(found(new LeastLayout(files(), "folder"))).containsExactly("R18 failure NO_BUILD");
        write("by-arch/linux-x64/app/hello", "");
        assertThat(found(new LeastLayout(files(), "folder"))).isEmpty();
    }

    @Test
    void anArtefactIsCalledAsTheApplication() throws IOException {
        write("by-arch/linux-x64/app/Hello.AppImage", "");
        write("by-arch/darwin-arm64/app/Hello.app/Contents/Info.plist", "");
        assertThat(found(new MissingArtefact(files(), "Hello", null, false))).isEmpty();
        assertThat(found(new MissingArtefact(files(), "Hello", "linux-x64", true)))
                .isEmpty();
        assertThat(found(new MissingArtefact(files(), "Hello", "win32-x64", true)))
                .containsExactly("D6 failure NO_ARTEFACT");
        assertThat(found(new MissingArtefact(files(), "Hello", "win32-x64", false)))
                .containsExactly("D6 warning NO_ARTEFACT");
        assertThat(new MissingArtefact(files(), "Hell", null, false).findings())
                .extracting(Finding::what)
                .containsExactly(
                        "An application on darwin-arm64 looks for /by-arch/darwin-arm64/app/Hell.app, and there is"
                                + " Hello.app.",
                        "An application on linux-x64 looks for /by-arch/linux-x64/app/Hell.AppImage, and there is"
                                + " Hello.AppImage.");
    }

    @Test
    void aDeploymentFolderInsideTheApplicationIsFound() throws IOException {
        Path app = Files.createDirectories(folder.resolve("app"));
        Path inside = Files.createDirectories(app.resolve("my-build"));
        Path beside = Files.createDirectories(folder.resolve("my-build"));
        assertThat(found(new NestedBuild(app, inside, null))).containsExactly("D9 failure NESTED_BUILD");
        assertThat(found(new NestedBuild(app, beside, null))).isEmpty();
        assertThat(found(new NestedBuild(app, app, null))).isEmpty();
        write("my-build/by-arch/linux-x64/app/hello/res/my-build/by-arch/linux-x64/app/hello", "");
        assertThat(new NestedBuild(app, beside, LocalFolder.of(beside)).findings())
                .extracting(Finding::what)
                .containsExactly("An artefact holds a deployment folder:"
                        + " /by-arch/linux-x64/app/hello/res/my-build/by-arch.");
    }

    @ParameterizedTest
    @CsvSource({"100000,150000,", "100000,150001,D9 warning SIZE_INCREASE", "100000,50000,", "0,100000,", "10,1000,"})
    void aBuildThatIsHalfAsLargeAgainIsNoticed(long before, long after, @Nullable String expected) throws IOException {
        assertThat(found(new SizeIncrease(Map.of("linux-x64", before), Map.of("linux-x64", after))))
                .isEqualTo(expected == null ? List.of() : List.of(expected));
    }

    @Test
    void thePackageOfTheBuildIsThatOfTheApplication() throws IOException {
        write("app/package.json", "{}");
        write("build/package.json", "{}");
        OtherPackage detection = new OtherPackage(folder.resolve("app"), folder.resolve("build"));
        assertThat(found(detection)).isEmpty();
        write("app/package.json", "{ }");
        assertThat(found(detection)).containsExactly("R17 warning OTHER_PACKAGE_JSON");
    }

    // ---- signing

    @Test
    void signingVariablesThatAreMissingAreNamedAndNoValueIsTold() throws IOException {
        Map<String, String> all = new HashMap<>(Map.of(
                "MAC_CODESIGN_IDENTITY", "identity",
                "APPLE_TEAM_ID", "team",
                "APPLE_ID", "id",
                "APPLE_PASSWORD", "abcd-efgh-ijkl-mnop",
                "WINDOWS_CERTIFICATE_FILE", "c.pfx",
                "WINDOWS_CERTIFICATE_PASSWORD", "secret"));
        assertThat(found(new SigningEnvironment(all))).isEmpty();
        all.put("APPLE_PASSWORD", "SignIn1!");
        all.remove("WINDOWS_CERTIFICATE_PASSWORD");
        List<Finding> findings = new SigningEnvironment(all).findings();
        assertThat(findings).extracting(Finding::id).containsExactly("R12", "R14");
        assertThat(findings.toString()).doesNotContain("SignIn1!");
        assertThat(findings.get(1).what()).startsWith("WINDOWS_CERTIFICATE_PASSWORD is not set");
        assertThat(new SigningEnvironment(Map.of()).findings().get(0).what())
                .startsWith("MAC_CODESIGN_IDENTITY, APPLE_TEAM_ID, APPLE_ID, APPLE_PASSWORD are not set");
    }

    private static String plist(String... entries) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\""
                + " \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\"><dict>\n"
                + String.join("\n", entries) + "\n</dict></plist>\n";
    }

    private static String entitlement(String name, boolean value) {
        return "<key>com.apple.security.cs." + name + "</key>\n<" + value + "/>";
    }

    @Test
    void entitlementsAreReadFromTheApplicationsFolder() throws IOException {
        Entitlements detection = new Entitlements(folder, null);
        assertThat(found(detection)).isEmpty();
        write(
                "build/entitlements.mac.plist",
                plist(entitlement("allow-jit", true), entitlement("allow-unsigned-executable-memory", true)));
        assertThat(found(detection)).isEmpty();
        write("build/entitlements.mac.plist", plist(entitlement("allow-jit", false)));
        assertThat(detection.findings().get(0).what())
                .contains("does not allow allow-jit and allow-unsigned-executable-memory");
        write("build/entitlements.mac.plist", "no XML");
        assertThat(found(detection)).containsExactly("R13 warning MISSING_ENTITLEMENT");
        write(
                "build/entitlements.mac.plist",
                "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><plist><key>&c;</key></plist>");
        assertThat(found(detection)).containsExactly("R13 warning MISSING_ENTITLEMENT");
    }

    @Test
    void entitlementsAreReadFromSignedPrograms() throws IOException {
        Path program = write("by-arch/darwin-arm64/app/Hello.app/Contents/MacOS/Hello", "a program");
        Entitlements detection = new Entitlements(null, folder);
        assertThat(found(detection)).containsExactly("R12 warning NOT_SIGNED");
        sign(program, plist(entitlement("allow-jit", true)));
        assertThat(detection.findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.what())
                        .startsWith("by-arch/darwin-arm64/app/Hello.app/Contents/MacOS/Hello does not allow"
                                + " allow-unsigned-executable-memory"));
        sign(program, plist(entitlement("allow-jit", true), entitlement("allow-unsigned-executable-memory", true)));
        assertThat(found(detection)).isEmpty();
    }

    private static void sign(Path program, String list) throws IOException {
        byte[] bytes = list.getBytes(StandardCharsets.UTF_8);
        try (OutputStream file = Files.newOutputStream(program);
                DataOutputStream out = new DataOutputStream(file)) {
            out.write(new byte[] {1, (byte) 0xfa, (byte) 0xde, 0x71});
            out.writeInt(0xfade7171);
            out.writeInt(bytes.length + 8);
            out.write(bytes);
            out.writeInt(7);
        }
    }

    private static String appx(String publisher) {
        return "<?xml version=\"1.0\"?><Package xmlns=\"http://schemas.microsoft.com/appx/manifest/foundation/windows10\">"
                + "<Identity Name=\"Hello\" Publisher=\"" + publisher + "\" Version=\"1.0.0.0\"/></Package>";
    }

    private void pack(String name, String publisher) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("AppxManifest.xml"));
            zip.write(appx(publisher).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void anotherPublisherIsReported() throws IOException {
        pack("old/by-arch/win32-x64/app/Hello.msix", "CN=Orchard");
        pack("new/by-arch/win32-x64/app/Hello.msix", "CN=Orchard");
        write("app/build/AppxManifest.xml", appx("CN=Orchard"));
        Publisher detection = new Publisher(folder.resolve("app"), folder.resolve("new"), folder.resolve("old"));
        assertThat(found(detection)).isEmpty();
        pack("new/by-arch/win32-x64/app/Hello.msix", "CN=Orchard Ltd");
        assertThat(found(detection)).containsExactly("R14 failure PUBLISHER_CHANGED");
        assertThat(found(new Publisher(folder.resolve("app"), null, null))).isEmpty();
    }

    @Test
    void thePublisherIsTheSubjectOfTheCertificate() throws IOException {
        try (InputStream in = DetectionTest.class.getResourceAsStream("/diagnosis/hello-orchard.pfx")) {
            Files.write(folder.resolve("c.pfx"), in.readAllBytes());
        }
        Map<String, String> variables =
                new HashMap<>(Map.of("WINDOWS_CERTIFICATE_FILE", "c.pfx", "WINDOWS_CERTIFICATE_PASSWORD", "secret"));
        Certificate detection = new Certificate(folder, variables);
        assertThat(found(detection)).isEmpty();
        write("build/AppxManifest.xml", appx("cn=Hello  Orchard"));
        assertThat(found(detection)).isEmpty();
        write("build/AppxManifest.xml", appx("CN=Somebody"));
        assertThat(found(detection)).containsExactly("R14 warning PUBLISHER_CHANGED");
        write("build/AppxManifest.xml", appx("nobody"));
        assertThat(found(detection)).containsExactly("R14 warning PUBLISHER_CHANGED");
        variables.put("WINDOWS_CERTIFICATE_PASSWORD", "wrong");
        assertThat(found(detection)).containsExactly("R14 warning NOT_SIGNED");
        variables.put("WINDOWS_CERTIFICATE_FILE", "nowhere.pfx");
        assertThat(found(detection)).containsExactly("R14 warning NOT_SIGNED");
    }

    // ---- links

    @ParameterizedTest
    @CsvSource({
        "0,0,D3 failure NOT_SEEDED",
        "3,0,D3 failure NOT_SEEDED",
        "3,1,D3 warning FEW_SEEDERS",
        "2,2,",
    })
    void aLinkNeedsSeeders(int peers, int full, @Nullable String expected) throws IOException {
        assertThat(found(new NotSeeded(ONE, new NotSeeded.Seeding(peers, full))))
                .isEqualTo(expected == null ? List.of() : List.of(expected));
    }

    @Test
    void aLostLinkIsMadeAnewByItsKind() throws IOException {
        ReleaseLines lines =
                new ReleaseLines(List.of(new ReleaseLine("production", TWO, TWO, ReleaseLine.Kind.MULTISIG)));
        assertThat(new NotWritable(ONE, folder, ReleaseLine.Kind.STAGE, lines).findings())
                .extracting(Finding::command)
                .containsExactly("espalier touch");
        String out = "pear://FORK.LENGTH." + TWO.requireDrive().key();
        assertThat(new NotWritable(ONE, folder, ReleaseLine.Kind.PROVISION, lines).findings())
                .extracting(Finding::command)
                .containsExactly("espalier provision " + out + " NEW " + out);
        assertThat(found(new NotWritable(ONE, folder, null, lines))).containsExactly("D16 note ERR_NOT_WRITABLE");
        assertThat(found(new NotWritable(TWO, folder, ReleaseLine.Kind.MULTISIG, lines)))
                .isEmpty();
    }

    @Test
    void whatWasTruncatedCannotBeSigned() throws IOException {
        assertThat(found(new NotContinuing(ONE, 0, null))).isEmpty();
        assertThat(found(new NotContinuing(ONE, 1, null)))
                .containsExactly("D14 failure INCOMPATIBLE_SOURCE_AND_TARGET");
        assertThat(new NotContinuing(ONE, 0, new EspalierException("INCOMPATIBLE_SOURCE_AND_TARGET", "They differ."))
                        .findings()
                        .get(0)
                        .what())
                .isEqualTo("They differ.");
    }

    @Test
    void everyCodeOfTheMultisigCommandsIsExplained() throws IOException {
        assertThat(MultisigCode.codes()).hasSize(12);
        for (String code : MultisigCode.codes()) {
            assertThat(MultisigCode.isKnown(code)).isTrue();
            assertThat(found(new MultisigCode(code))).containsExactly("D12 note " + code);
        }
        assertThat(MultisigCode.isKnown("ERR_TIMEOUT")).isFalse();
        assertThat(found(new MultisigCode("ERR_TIMEOUT"))).isEmpty();
    }

    @Test
    void linesHangTogether() throws IOException {
        Link three = Link.parseDrive("pear://" + "y".repeat(52));
        ReleaseLine rc = new ReleaseLine("rc", ONE, TWO, ReleaseLine.Kind.STAGE);
        ReleaseLine prerelease = new ReleaseLine("prerelease", three, TWO, ReleaseLine.Kind.PROVISION);
        ReleaseLine production = new ReleaseLine("production", TWO, TWO, ReleaseLine.Kind.MULTISIG);
        assertThat(found(new LineRules(ReleaseLines.NONE))).isEmpty();
        assertThat(found(new LineRules(new ReleaseLines(List.of(rc, prerelease, production)))))
                .isEmpty();
        ReleaseLine own = new ReleaseLine("rc", ONE, ONE, ReleaseLine.Kind.STAGE);
        assertThat(found(new LineRules(new ReleaseLines(List.of(own, prerelease, production)))))
                .containsExactly("R47 warning OTHER_UPGRADE_LINK");
        assertThat(found(new LineRules(new ReleaseLines(List.of(own, prerelease)))))
                .containsExactly("R47 warning OTHER_UPGRADE_LINK", "R47 note MISSING_LINE");
    }
}
