package dev.espalier.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What was built for each platform: the flags of pear-build. */
final class BuildInputs {

    private static final String PATH = "PATH";

    @Option(names = "--darwin-arm64-app", paramLabel = PATH, description = "Hello.app for macOS on Apple's processors.")
    @Nullable
    Path darwinArm64;

    @Option(names = "--darwin-x64-app", paramLabel = PATH, description = "Hello.app for macOS on Intel's.")
    @Nullable
    Path darwinX64;

    @Option(names = "--linux-arm64-app", paramLabel = PATH, description = "Hello.AppImage, or a folder Hello, for ARM.")
    @Nullable
    Path linuxArm64;

    @Option(names = "--linux-x64-app", paramLabel = PATH, description = "The same for x64.")
    @Nullable
    Path linuxX64;

    @Option(
            names = "--win32-x64-app",
            paramLabel = PATH,
            description = "Hello.msix, Hello.exe or a folder Hello for x64.")
    @Nullable
    Path win32X64;

    @Option(names = "--win32-arm64-app", paramLabel = PATH, description = "The same for ARM.")
    @Nullable
    Path win32Arm64;

    @Option(names = "--ios-arm64", paramLabel = PATH, description = "A folder Hello with the bundle for iOS.")
    @Nullable
    Path iosArm64;

    @Option(names = "--ios-arm64-simulator", paramLabel = PATH, description = "The same for its simulator.")
    @Nullable
    Path iosArm64Simulator;

    @Option(names = "--ios-x64-simulator", paramLabel = PATH, description = "The same for its simulator on Intel's.")
    @Nullable
    Path iosX64Simulator;

    @Option(names = "--android-arm64", paramLabel = PATH, description = "A folder Hello with the bundle for Android.")
    @Nullable
    Path androidArm64;

    /** Those that were given, by platform and architecture. */
    Map<String, Path> given() {
        Map<String, Path> given = new LinkedHashMap<>();
        put(given, "darwin-arm64", darwinArm64);
        put(given, "darwin-x64", darwinX64);
        put(given, "linux-arm64", linuxArm64);
        put(given, "linux-x64", linuxX64);
        put(given, "win32-x64", win32X64);
        put(given, "win32-arm64", win32Arm64);
        put(given, "ios-arm64", iosArm64);
        put(given, "ios-arm64-simulator", iosArm64Simulator);
        put(given, "ios-x64-simulator", iosX64Simulator);
        put(given, "android-arm64", androidArm64);
        return given;
    }

    private static void put(Map<String, Path> given, String arch, @Nullable Path path) {
        if (path != null) {
            given.put(arch, path);
        }
    }
}
