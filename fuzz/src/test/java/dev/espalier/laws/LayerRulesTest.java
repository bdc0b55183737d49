package dev.espalier.laws;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.domain.JavaParameter;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.domain.properties.HasModifiers;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The arrows of {@code docs/architecture.md}, held by the build. */
class LayerRulesTest {

    private static final String MERKLE = "dev.espalier.merkle";
    private static final String LOG = "dev.espalier.log";
    private static final String DRIVE = "dev.espalier.drive";
    private static final String REPLICATE = "dev.espalier.replicate";
    private static final String RELEASE = "dev.espalier.release";
    private static final String CLI = "dev.espalier.cli";

    /** Libraries that must be free to change without our users noticing. */
    private static final List<String> HIDDEN =
            List.of("io.netty.", "net.openhft.", "org.agrona.", "org.bouncycastle.", "com.google.gson.");

    private static JavaClasses classes;

    @BeforeAll
    static void readTheClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(MERKLE, LOG, DRIVE, REPLICATE, RELEASE, CLI);
    }

    @ParameterizedTest
    @CsvSource({
        "merkle," + MERKLE,
        "core-log," + LOG,
        "drive," + DRIVE,
        "replicate," + REPLICATE,
        "release," + RELEASE,
        "cli," + CLI
    })
    void everyLayerThatHasSourcesIsSeenByTheseRules(String module, String layer) {
        Path sources = Path.of("..", module, "src", "main", "java").toAbsolutePath();
        assertThat(classes.containPackage(layer)).as(sources.toString()).isEqualTo(Files.isDirectory(sources));
    }

    @Test
    void arrowsGoDownOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("merkle")
                .definedBy(MERKLE + "..")
                .layer("core-log")
                .definedBy(LOG + "..")
                .layer("drive")
                .definedBy(DRIVE + "..")
                .layer("replicate")
                .definedBy(REPLICATE + "..")
                .optionalLayer("release")
                .definedBy(RELEASE + "..")
                .optionalLayer("cli")
                .definedBy(CLI + "..")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("release")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("drive")
                .mayOnlyBeAccessedByLayers("release", "cli")
                .whereLayer("replicate")
                .mayOnlyBeAccessedByLayers("release", "cli")
                .whereLayer("core-log")
                .mayOnlyBeAccessedByLayers("drive", "replicate", "release", "cli")
                .check(classes);
    }

    @Test
    void nettyLivesInReplicateAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage(REPLICATE + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(classes);
    }

    @Test
    void merkleIsPureComputation() {
        noClasses()
                .that()
                .resideInAPackage(MERKLE + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net..", "java.util.concurrent..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .check(classes);
    }

    @Test
    void onlyTheCommandTouchesStandardStreamsAndEndsTheProcess() {
        noClasses()
                .that()
                .resideOutsideOfPackage(CLI + "..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .accessField(System.class, "in")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(classes);
    }

    @Test
    void packagesDoNotFormCycles() {
        slices().matching("dev.espalier.(**)").should().beFreeOfCycles().check(classes);
    }

    @Test
    void publicSignaturesOfTheLowerLayersShowNoLibrary() {
        List<String> leaks = new ArrayList<>();
        for (JavaClass type : classes) {
            if (isLower(type) && isVisible(type)) {
                signatureTypes(type).forEach((shown) -> {
                    if (HIDDEN.stream().anyMatch(shown::startsWith)) {
                        leaks.add(type.getName() + " shows " + shown);
                    }
                });
            }
        }
        assertThat(leaks).isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIsAndIsNullMarked() {
        Set<String> silent = new TreeSet<>();
        for (JavaClass type : classes) {
            JavaPackage home = type.getPackage();
            if (!home.isAnnotatedWith(NullMarked.class)) {
                silent.add(home.getName());
            }
        }
        assertThat(silent).as("packages without a @NullMarked package-info").isEmpty();
    }

    private static boolean isLower(JavaClass type) {
        return Stream.of(MERKLE, LOG, DRIVE)
                .anyMatch(layer -> type.getPackageName().equals(layer)
                        || type.getPackageName().startsWith(layer + "."));
    }

    private static boolean isVisible(HasModifiers element) {
        return element.getModifiers().contains(JavaModifier.PUBLIC)
                || element.getModifiers().contains(JavaModifier.PROTECTED);
    }

    /** Names of all types, type arguments included, that a user of {@code type} gets to see. */
    private static Set<String> signatureTypes(JavaClass type) {
        Stream<JavaType> parents = Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
        Stream<JavaType> fields =
                type.getFields().stream().filter(LayerRulesTest::isVisible).map(JavaField::getType);
        Stream<JavaType> units =
                type.getCodeUnits().stream().filter(LayerRulesTest::isVisible).flatMap(LayerRulesTest::codeUnitTypes);
        return Stream.of(parents, fields, units)
                .flatMap(types -> types)
                .flatMap(shown -> shown.getAllInvolvedRawTypes().stream())
                .map(raw -> raw.getBaseComponentType().getName())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<JavaType> codeUnitTypes(JavaCodeUnit unit) {
        return Stream.of(
                        Stream.of(unit.getReturnType()),
                        unit.getParameters().stream().map(JavaParameter::getType),
                        unit.getExceptionTypes().stream().map(JavaType.class::cast))
                .flatMap(types -> types);
    }
}
