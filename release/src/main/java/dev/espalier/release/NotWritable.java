package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * D16: a link is bound to the store that made it (R26); what to do when that is lost (R59, R60).
 *
 * @param link a link that this store cannot write
 * @param store the folder of this store
 * @param kind what is done to the link; null when it is not known
 * @param lines where production stands
 */
record NotWritable(Link link, Path store, ReleaseLine.@Nullable Kind kind, ReleaseLines lines) implements Detection {

    private static final String CODE = "ERR_NOT_WRITABLE";

    @Override
    public List<Finding> findings() {
        if (kind == ReleaseLine.Kind.MULTISIG) {
            return List.of();
        }
        String what = link + " cannot be written from here: a link is bound to the store in which touch made it ("
                + store + " is another).";
        if (kind == null) {
            return List.of(Finding.note(
                            "D16",
                            CODE,
                            what,
                            "Stage there. If that store is lost: touch a new link and stage to it, or provision to it,"
                                    + " and make new builds that upgrade from it.")
                    .typing("espalier touch"));
        }
        if (kind == ReleaseLine.Kind.STAGE) {
            return List.of(Finding.warning(
                            "D16",
                            CODE,
                            what,
                            "Stage there. If that store is lost, so is the link: touch a new one, stage to it, and make"
                                    + " new builds that upgrade from it.")
                    .typing("espalier touch"));
        }
        ReleaseLine production = lines.find("production");
        String out = production == null
                ? "pear://FORK.LENGTH.PRODUCTION"
                : "pear://FORK.LENGTH." + production.link().requireDrive().key();
        return List.of(Finding.warning(
                        "D16",
                        CODE,
                        what,
                        "Provision there. If that store is lost: touch a new link, make it from production, then"
                                + " provision the stage link to it as always, and set it as srcKey in multisig.json.")
                .typing("espalier provision " + out + " NEW " + out));
    }

    /** The same as the end of a command that would have written. */
    public EspalierException failure() {
        return new EspalierException(CODE, findings().get(0).what());
    }
}
