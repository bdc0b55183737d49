package dev.espalier.release;

import java.util.List;

/**
 * D7: a package.json can turn updates off.
 *
 * @param off whether its field {@code updates} is false
 */
record UpdatesOff(boolean off) implements Detection {

    @Override
    public List<Finding> findings() {
        return off
                ? List.of(Finding.failure(
                        "D7",
                        "UPDATES_OFF",
                        "The package.json says \"updates\": false: an application made with it does not update.",
                        "Take the field out and make new builds; who has the present one must get the next by hand."))
                : List.of();
    }
}
