package dev.espalier.release;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * D10: the project is ahead of the link that its builds update from.
 *
 * @param link the link
 * @param project version of the project's package.json; null when it is not known
 * @param now version at the link; null when it is not known
 */
record NotReleased(
        Link link, @Nullable String project, @Nullable String now) implements Detection {

    @Override
    public List<Finding> findings() {
        boolean known = project != null && now != null && SemVer.isValid(project) && SemVer.isValid(now);
        if (!known || SemVer.parse(project).compareTo(SemVer.parse(now)) <= 0) {
            return List.of();
        }
        return List.of(Finding.warning(
                "D10",
                "NOT_STAGED",
                "The project is at version " + project + ", and the newest at " + link + " is " + now + ".",
                "Stage it; where the link is provisioned or signed, go on to there."));
    }
}
