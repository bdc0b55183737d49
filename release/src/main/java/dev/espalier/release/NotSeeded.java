package dev.espalier.release;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * D3: what nobody seeds, nobody gets.
 *
 * @param link the upgrade link
 * @param seeding who has it; null when nobody was asked
 */
record NotSeeded(Link link, @Nullable Seeding seeding) implements Detection {

    private static final int ADVISED = 2;

    /**
     * Who has a drive, this machine not counted.
     *
     * @param peers how many know of it
     * @param fullCopies how many hold all of it
     */
    public record Seeding(int peers, int fullCopies) {}

    @Override
    public List<Finding> findings() {
        if (seeding == null) {
            return List.of(Finding.note(
                            "D3",
                            "NOT_ASKED",
                            "Nobody was asked who seeds " + link + ".",
                            "Name the peers that applications are told.")
                    .typing("espalier why " + link + " --peer HOST:PORT"));
        }
        if (seeding.fullCopies() >= ADVISED) {
            return List.of();
        }
        String seed = "espalier seed " + link + " --listen PORT";
        if (seeding.fullCopies() == 0) {
            return List.of(Finding.failure(
                            "D3",
                            "NOT_SEEDED",
                            seeding.peers() == 0
                                    ? "No peer has " + link + "."
                                    : "None of the " + seeding.peers() + " peers that know " + link
                                            + " holds all of it.",
                            "Seed it on two machines or more that are always on.")
                    .typing(seed));
        }
        return List.of(Finding.warning(
                        "D3",
                        "FEW_SEEDERS",
                        "Only one peer holds all of " + link + ": when it is off or cannot be reached, nobody updates.",
                        "Seed it on two machines or more that are always on; a request and a commit need two.")
                .typing(seed));
    }
}
