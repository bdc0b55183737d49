package dev.espalier.release;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * R12 and R14: the variables by which artefacts are signed and notarised where they are made. Values are not told.
 *
 * @param environment variables of the person who makes artefacts
 */
record SigningEnvironment(Map<String, String> environment) implements Detection {

    private static final List<String> MAC =
            List.of("MAC_CODESIGN_IDENTITY", "APPLE_TEAM_ID", "APPLE_ID", "APPLE_PASSWORD");
    private static final List<String> WINDOWS = List.of("WINDOWS_CERTIFICATE_FILE", "WINDOWS_CERTIFICATE_PASSWORD");
    private static final Pattern APP_PASSWORD = Pattern.compile("[a-z]{4}(-[a-z]{4}){3}");

    @Override
    public List<Finding> findings() {
        List<Finding> found = new ArrayList<>();
        List<String> mac = missing(MAC);
        if (!mac.isEmpty()) {
            found.add(Finding.warning(
                    "R12",
                    "NOT_SIGNED",
                    isOrAre(mac) + " not set: what is made for macOS in this terminal "
                            + "is not signed and notarised, and runs on this machine only.",
                    "Set them where artefacts for macOS are made; elsewhere this does not matter."));
        } else if (!APP_PASSWORD.matcher(value("APPLE_PASSWORD")).matches()) {
            found.add(Finding.warning(
                    "R12",
                    "NOT_SIGNED",
                    "APPLE_PASSWORD does not look like an app-specific password, four times four letters:"
                            + " notarising takes no other.",
                    "Make one at account.apple.com, under Sign-In and Security."));
        }
        List<String> windows = missing(WINDOWS);
        if (!windows.isEmpty()) {
            found.add(Finding.warning(
                    "R14",
                    "NOT_SIGNED",
                    isOrAre(windows) + " not set: what is made for Windows in this terminal is signed with a"
                            + " certificate of this machine only.",
                    "Set them where artefacts for Windows are made, the same certificate each time: Windows refuses an"
                            + " update by another publisher."));
        }
        return found;
    }

    private List<String> missing(List<String> names) {
        return names.stream().filter(name -> value(name).isBlank()).toList();
    }

    private String value(String name) {
        return environment.getOrDefault(name, "");
    }

    private static String isOrAre(List<String> names) {
        return String.join(", ", names) + (names.size() == 1 ? " is" : " are");
    }
}
