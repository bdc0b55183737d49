package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** That the schemas are there and strict; that lines keep to them is seen by every test that runs a command. */
class SchemasTest {

    /** Commands that print no events. */
    private static final List<String> WITHOUT = List.of("completion", "version", "help");

    @Test
    void everyCommandHasASchemaAndEverySchemaACommand() throws IOException {
        CommandLine line = Commands.line(
                new GlobalOptions(),
                command -> 0,
                Commands.NAME,
                Terminal.none(Path.of("").toAbsolutePath()));
        List<String> expected = new ArrayList<>(List.of("common.json", "espalier.json"));
        addFiles("", line, expected);
        try (Stream<Path> files = Files.list(Schemas.FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.equals("README.md")))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private static void addFiles(String prefix, CommandLine line, List<String> files) {
        for (Map.Entry<String, CommandLine> sub : line.getSubcommands().entrySet()) {
            CommandLine command = sub.getValue();
            String name = prefix + command.getCommandName();
            // A command stands there once for each of its names; one that holds others may do something itself.
            if (sub.getKey().equals(command.getCommandName()) && !WITHOUT.contains(name)) {
                if (command.getCommand() instanceof OperationCommand) {
                    files.add(Schemas.file(name).getFileName().toString());
                }
                addFiles(name + " ", command, files);
            }
        }
    }

    @Test
    void whatIsNotNamedIsNotAllowed() throws IOException {
        try (Stream<Path> files = Files.list(Schemas.FOLDER)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".json")).toList()) {
                assertClosed(file, JsonParser.parseString(Files.readString(file)));
            }
        }
    }

    private static void assertClosed(Path file, JsonElement element) {
        if (element.isJsonArray()) {
            element.getAsJsonArray().forEach(item -> assertClosed(file, item));
        } else if (element.isJsonObject()) {
            JsonObject object = element.getAsJsonObject();
            if (object.has("required")) {
                assertThat(object.get("additionalProperties"))
                        .as("additionalProperties in %s: %s", file, object)
                        .isEqualTo(JsonParser.parseString("false"));
            }
            object.entrySet().forEach(member -> assertClosed(file, member.getValue()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'cmd':'log truncate','tag':'final','data':{'success':true,'length':1,'fork':2}}",
                "{'cmd':'log truncate','tag':'final','data':{'success':false}}",
                "{'cmd':'log truncate','tag':'error','data':{'code':'ERR_X','message':'why','info':null}}",
                "{'cmd':'log','tag':'error','data':{'code':'ERR_X','message':'why','info':null}}",
            })
    void aLineAsPromisedIsAllowed(String line) {
        Schemas.check(line.replace('\'', '"'));
    }

    @Test
    void whatIsWrongIsNamed() {
        String known = "{'cmd':'log truncate','tag':'final','data':{'success':true,'length':1,'fork':2,'more':3}}";
        assertThatThrownBy(() -> Schemas.check(known.replace('\'', '"')))
                .hasMessageContaining("'more'")
                .hasMessageNotContaining("'code'");
        String unknown = "{'cmd':'log truncate','tag':'new','data':{}}";
        assertThatThrownBy(() -> Schemas.check(unknown.replace('\'', '"'))).hasMessageContaining("no such tag");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'cmd':'log truncate','tag':'final','data':{'success':true,'length':1}}",
                "{'cmd':'log truncate','tag':'final','data':{'success':true,'length':1,'fork':'2'}}",
                "{'cmd':'log truncate','tag':'final','data':{'success':true,'length':1,'fork':2,'more':3}}",
                "{'cmd':'log truncate','tag':'final','data':{'success':false,'length':1,'fork':2}}",
                "{'cmd':'log truncate','tag':'final','data':{'success':true,'length':1,'fork':2},'more':3}",
                "{'cmd':'log truncate','tag':'new','data':{}}",
                "{'cmd':'log truncate','tag':'error','data':{'code':'ERR_X','message':'why'}}",
                "{'cmd':'new','tag':'final','data':{'success':true}}",
            })
    void anyOtherLineIsNot(String line) {
        assertThatThrownBy(() -> Schemas.check(line.replace('\'', '"')))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("does not allow the line");
    }
}
