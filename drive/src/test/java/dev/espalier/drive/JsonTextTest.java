package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class JsonTextTest {

    private static String written(String json) {
        return JsonText.of(json).text();
    }

    @Example
    void textIsThatOfStringify() {
        // Each right-hand side is what Node.js 20 prints for JSON.stringify(JSON.parse(left)).
        String[][] cases = {
            {" { \"b\" : 1 , \"a\" : [ true , null , 1.50 ] } ", "{\"b\":1,\"a\":[true,null,1.5]}"},
            {
                "{\"b\":1,\"10\":2,\"a\":3,\"2\":4,\"01\":5,\"4294967295\":6}",
                "{\"2\":4,\"10\":2,\"b\":1,\"a\":3,\"01\":5,\"4294967295\":6}"
            },
            {"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"},
            {"[]", "[]"},
            {"{}", "{}"},
            {
                "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\\\/\\u2028\\u007f\"",
                "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\u2028\u007f\""
            },
            {"\"\\ud83d\\ude00 \\ud800 \\udc00\"", "\"\ud83d\ude00 \\ud800 \\udc00\""},
            {"-0", "0"},
            {"1e999", "null"},
            {"9007199254740993", "9007199254740992"},
            {"123456789012345678901", "123456789012345680000"},
            {"1e21", "1e+21"},
            {"1.5e-7", "1.5e-7"},
            {"0.000001", "0.000001"},
            {"-1.25e300", "-1.25e+300"},
            {"5e-324", "5e-324"},
            {"2.2250738585072014e-308", "2.2250738585072014e-308"},
            {"2e-3", "0.002"},
            {"2.0E23", "2e+23"},
            {"9007199254740992", "9007199254740992"},
            {"1.7976931348623157e308", "1.7976931348623157e+308"},
            {"0.1", "0.1"},
            {"5.684341886080801e-14", "5.684341886080801e-14"},
        };
        for (String[] one : cases) {
            assertThat(written(one[0])).isEqualTo(one[1]);
        }
    }

    @Property
    void numbersReadBackAsThemselves(@ForAll double value) {
        String text = JsonNumber.text(value);
        assertThat(Double.parseDouble(text)).isEqualTo(value == 0 ? 0.0 : value);
        assertThat(text.replaceAll("e.*|[-.]", "").replaceAll("^0+|0+$", "").length())
                .isLessThanOrEqualTo(Double.toString(value)
                        .replaceAll("E.*|[-.]", "")
                        .replaceAll("^0+", "")
                        .length());
    }

    @Property
    void stringsReadBackAsThemselves(@ForAll String string) {
        StringBuilder out = new StringBuilder();
        Json.string(out, string);
        assertThat(Json.parse(out.toString())).isEqualTo(string);
        assertThat(written(out.toString())).isEqualTo(out.toString());
    }

    @Example
    void whatIsNotJsonIsRefused() {
        for (String text : new String[] {
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\"}",
            "{a:1}",
            "'a'",
            "01",
            "+1",
            ".5",
            "1.",
            "1e",
            "tru",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"",
            "1 2",
            "NaN",
            "\u00a01",
            "{\"a\":1,}",
            "\"\\"
        }) {
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> JsonText.of(text));
        }
    }

    @Example
    void deepNestingIsRefusedNotOverflowing() {
        assertThatIllegalArgumentException().isThrownBy(() -> JsonText.of("[".repeat(100_000)));
        assertThat(written("[".repeat(500) + "]".repeat(500))).hasSize(1000);
    }
}
