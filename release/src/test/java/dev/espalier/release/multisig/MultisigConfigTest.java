package dev.espalier.release.multisig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MultisigConfigTest {

    private static final Key ANN = SecretKey.ofSeed(new byte[32]).publicKey();
    private static final Key BOB = SecretKey.random().publicKey();
    private static final Key SOURCE = SecretKey.random().publicKey();

    @TempDir
    Path folder;

    private static MultisigConfig parse(String json) {
        return MultisigConfig.parse(
                json.replace('\'', '"')
                        .replace("ANN", ANN.toString())
                        .replace("BOB", BOB.hex())
                        .replace("SOURCE", SOURCE.toString()),
                "file.json");
    }

    @Test
    void bothFormsAreRead() throws IOException {
        MultisigConfig full = parse("{'type':'drive','publicKeys':['ANN','BOB'],'namespace':'n','srcKey':'SOURCE'}");
        assertThat(full).isEqualTo(new MultisigConfig(true, List.of(ANN, BOB), "n", 2, SOURCE));
        MultisigConfig pear = parse("{'name':'x','multisig':{'publicKeys':['ANN','BOB'],'namespace':'n','quorum':2}}");
        assertThat(pear.withSource(SOURCE)).isEqualTo(full);
        assertThat(pear.key()).isEqualTo(full.key());
        assertThat(parse("{'type':'core','publicKeys':['ANN'],'namespace':'n','bootstrap':[]}")
                        .blobsManifest())
                .isNull();
        Path file = folder.resolve("multisig.json");
        Files.writeString(file, "{\"type\":\"drive\",\"publicKeys\":[\"" + ANN + "\"],\"namespace\":\"n\"}");
        assertThat(MultisigConfig.read(file).quorum()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|ERR_INVALID_CONFIG|file.json lacks type, publicKeys, namespace.",
                "{'type':'drive','publicKeys':['ANN']}|ERR_INVALID_CONFIG|file.json lacks namespace.",
                "{'type':'drive','publicKeys':[],'namespace':'n'}|ERR_INVALID_CONFIG|file.json lacks publicKeys.",
                "{'type':'drive','publicKeys':['ANN'],'namespace':''}|ERR_INVALID_CONFIG|file.json lacks namespace.",
                "{'multisig':{'quorum':0}}|ERR_INVALID_CONFIG|file.json lacks multisig.publicKeys, multisig.namespace, multisig.quorum.",
                "{'type':'app','publicKeys':['ANN'],'namespace':'n'}|ERR_INVALID_CONFIG|type of file.json is \"app\", expected drive or core.",
                "{'type':'drive','publicKeys':['ANN'],'namespace':'n','quorum':1.5}|ERR_INVALID_CONFIG|quorum of file.json is no whole number: 1.5.",
                "{'type':'drive','publicKeys':['ANN'],'namespace':'n','quorum':'many'}|ERR_INVALID_CONFIG|quorum of file.json is no whole number: \"many\".",
                "{'type':'drive','publicKeys':['ANN','ANN'],'namespace':'n','quorum':2}|BAD_ARGUMENT|Quorum should not be higher than the number of signers: 2 of 1.",
                "{'type':'drive','publicKeys':['nonsense'],'namespace':'n'}|ERR_INVALID_INPUT|A key in publicKeys of file.json is none: \"nonsense\".",
                "{'type':'drive','publicKeys':[7],'namespace':'n'}|ERR_INVALID_INPUT|A key in publicKeys of file.json is none: 7.",
                "{'type':'drive','publicKeys':['ANN'],'namespace':'n','srcKey':{}}|ERR_INVALID_INPUT|A key in srcKey of file.json is none: {}.",
                "[]|ERR_INVALID_CONFIG|file.json holds no JSON object.",
            })
    void whatIsWrongIsNamed(String json, String code, String message) {
        assertThatThrownBy(() -> parse(json))
                .hasMessage(message)
                .satisfies(e -> assertThat(((EspalierException) e).code()).isEqualTo(code));
    }

    @Test
    void whatIsNoJsonOrNoFileIsSaidSo() {
        assertThatThrownBy(() -> parse("{'type':"))
                .hasMessageStartingWith("file.json is no JSON: ")
                .extracting("code")
                .isEqualTo("ERR_INVALID_CONFIG");
        assertThatThrownBy(() -> MultisigConfig.read(folder.resolve("nowhere.json")))
                .hasMessageContaining("--config")
                .extracting("code")
                .isEqualTo("ERR_INVALID_INPUT");
        assertThatThrownBy(() -> MultisigConfig.read(folder)).extracting("code").isEqualTo("ERR_INVALID_INPUT");
    }

    @Test
    void aRequestOfAnotherConfigurationIsToldFromOursByWhatDiffers() {
        MultisigConfig own = new MultisigConfig(true, List.of(ANN, BOB), "n", 2, SOURCE);
        assertDiffers(own, own.withNamespace("m"), "namespace");
        assertDiffers(own, new MultisigConfig(true, List.of(BOB, ANN), "n", 2, SOURCE), "the order of publicKeys");
        assertDiffers(own, new MultisigConfig(true, List.of(ANN, SOURCE), "n", 2, SOURCE), "publicKeys");
        assertDiffers(
                own, new MultisigConfig(true, List.of(ANN, BOB), "n", 1, SOURCE), "quorum (1 in the request, 2 here)");
        assertDiffers(own, new MultisigConfig(false, List.of(ANN, BOB), "n", 2, SOURCE), "type (core in the request)");
        own.requireSame(request(own.withSource(ANN)));
    }

    private static void assertDiffers(MultisigConfig own, MultisigConfig other, String what) {
        assertThatThrownBy(() -> own.requireSame(request(other)))
                .hasMessageContaining("another configuration: " + what)
                .extracting("code")
                .isEqualTo("INVALID_SIGNATURE");
    }

    private static SigningRequest request(MultisigConfig config) {
        SigningRequest.Head head = new SigningRequest.Head(3, config.namespaceHash());
        return SigningRequest.of(3, config.manifest(), 0, head, config.drive() ? head : null);
    }
}
