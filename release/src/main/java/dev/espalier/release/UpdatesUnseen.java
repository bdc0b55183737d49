package dev.espalier.release;

import java.util.List;

/** D7, D4 and D5 as far as they are about the running application and about discovery, which cannot be seen from here. */
record UpdatesUnseen() implements Detection {

    @Override
    public List<Finding> findings() {
        return List.of(
                Finding.note(
                        "D7",
                        "UPDATES_OFF",
                        "How the application was started cannot be seen from here.",
                        "Updates are off with --no-updates, and in development unless started with --updates."),
                Finding.note(
                        "D4",
                        "NO_DISCOVERY",
                        "When the application last looked for seeders cannot be seen: there is no discovery yet.",
                        "It connects to the peers that it was told; a seeder that starts later is found when it tries"
                                + " again."),
                Finding.note(
                        "D5",
                        "NO_DISCOVERY",
                        "Whether a seeder can be reached from where the application runs cannot be seen from here.",
                        "Seed the link on more machines that are always on; then it does not hang on one."));
    }
}
