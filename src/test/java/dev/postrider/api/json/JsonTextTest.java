package dev.postrider.api.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postrider.api.json.JsonValue.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "0",
        "-0",
        "1.50",
        "1E400",
        "\"\"",
        "\"\\ud800\"",
        "\"é\\n\\u00e9\"",
        "[]",
        "[ 1 ,\t2 ]",
        "{ \"b\" : 1, \"a\" : [ ] }",
        "123456789012345678901234567890.000"
      })
  void membersKeepTheirExactSourceBytes(String source) throws Exception {
    for (String text :
        new String[] {
          "{\"x\":" + source + "}",
          "{ \"a\" : [1,2] ,\n \"x\"  :\t" + source + " ,\"z\": \"y\" }",
          "{\"\\u0078\":" + source + "}"
        }) {
      JsonValue value = parse(text);

      assertThat(value.kind()).isEqualTo(Kind.OBJECT);
      assertThat(bytes(value, "x")).isEqualTo(source.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void elementsKeepTheirExactSourceBytesAtAnyDepth() throws Exception {
    JsonValue value = parse(" { \"jobs\" : [ {\"i\": 1e2 }, \"é\" , [ ] , 7] } ");

    var jobs = Objects.requireNonNull(value.members().get("jobs")).elements();

    assertThat(jobs)
        .extracting(JsonValue::source)
        .containsExactly("{\"i\": 1e2 }", "\"é\"", "[ ]", "7");
    assertThat(bytes(jobs.get(0), "i")).asString().isEqualTo("1e2");
  }

  @Test
  void randomTextsAreSlicedWhereTheyWerePutTogether() throws Exception {
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      String first = randomValue(random, 0);
      String second = randomValue(random, 0);
      String text =
          space(random)
              + "{"
              + space(random)
              + "\"a\""
              + space(random)
              + ":"
              + space(random)
              + first
              + space(random)
              + ","
              + space(random)
              + "\"b\":"
              + second
              + space(random)
              + "}"
              + space(random);

      JsonValue value = parse(text);

      assertThat(bytes(value, "a")).asString(StandardCharsets.UTF_8).isEqualTo(first);
      assertThat(bytes(value, "b")).asString(StandardCharsets.UTF_8).isEqualTo(second);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | 1 | 1 | empty",
        "` ` | 1 | 1 | empty",
        "{ | 1 | 2 | end-of-input",
        "{\"a\":1,} | 1 | 9 | double-quote",
        "{\"a\":1}x | 1 | 8 | x",
        "{\"a\":1}{} | 1 | 8 | after the end",
        "{\"a\":01} | 1 | 6 | zero",
        "{\"a\":+1} | 1 | 6 | ",
        "{\"a\":.5} | 1 | 6 | ",
        "{\"a\":5.} | 1 | 8 | ",
        "{\"a\":NaN} | 1 | 6 | NaN",
        "{'a':1} | 1 | 2 | ",
        "{a:1} | 1 | 2 | ",
        "{\"a\":1 /* c */} | 1 | 8 | ",
        "{\"a\":nul} | 1 | 6 | nul",
        "{\"a\":\"\\x\"} | 1 | 8 | escape",
        "{\"a\":[1 2]} | 1 | 9 | ",
        "{\"a\":1,\"a\":2} | 1 | 8 | Duplicate field 'a'",
        "{\"a\":{\"b\":[{\"c\":1,\"\\u0063\":2}]}} | 1 | 27 | Duplicate field 'c'",
      })
  void whatIsNotJsonIsRefusedWithItsPlace(String text, int line, int column, String reason) {
    MalformedJsonException refusal =
        catchThrowableOfType(MalformedJsonException.class, () -> parse(text));

    assertThat(refusal).as(text).isNotNull();
    assertThat(refusal.line()).isEqualTo(line);
    assertThat(refusal.column()).as(refusal.getMessage()).isBetween(column - 1, column + 3);
    assertThat(refusal).hasMessageContaining(reason == null ? "" : reason);
    assertThat(refusal.getMessage())
        .doesNotContain("Feature")
        .doesNotContain("REDACTED")
        .doesNotContain("ALLOW_");
  }

  @Test
  void linesAreCounted() {
    MalformedJsonException refusal =
        catchThrowableOfType(MalformedJsonException.class, () -> parse("{\n\"a\": 1\n\"b\": 2}"));

    assertThat(refusal.line()).isEqualTo(3);
  }

  @Test
  void controlCharactersInStringsAreRefused() {
    assertThatThrownBy(() -> parse("{\"a\":\"\t\"}")).isInstanceOf(MalformedJsonException.class);
    assertThatThrownBy(() -> parse("{\"a\":\"\0\"}")).isInstanceOf(MalformedJsonException.class);
  }

  @Test
  void sixtyFourLevelsAreTakenAndOneMoreIsRefused() throws Exception {
    assertThat(parse("[".repeat(64) + "]".repeat(64)).kind()).isEqualTo(Kind.ARRAY);
    assertThatThrownBy(() -> parse("[".repeat(65) + "]".repeat(65)))
        .isInstanceOf(MalformedJsonException.class)
        .hasMessageContaining("64");
    assertThatThrownBy(() -> parse("{\"a\":".repeat(65) + "1" + "}".repeat(65)))
        .isInstanceOf(MalformedJsonException.class);
  }

  @Test
  void bytesThatAreNotUtf8AreRefusedWithTheirPlace() {
    byte[][] wrong = {
      {(byte) 0xC0, (byte) 0x80}, // overlong
      {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, // an encoded surrogate
      {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80}, // beyond U+10FFFF
      {(byte) 0xE2, (byte) 0x82}, // cut off
      {(byte) 0xFF}
    };
    for (byte[] bytes : wrong) {
      byte[] text =
          concat(
              "{\n\"a\":\"".getBytes(StandardCharsets.UTF_8),
              bytes,
              "\"}".getBytes(StandardCharsets.UTF_8));

      MalformedJsonException refusal =
          catchThrowableOfType(MalformedJsonException.class, () -> JsonText.parse(text));

      assertThat(refusal).hasMessageContaining("UTF-8");
      assertThat(refusal.line()).isEqualTo(2);
      assertThat(refusal.column()).isEqualTo(6);
    }
  }

  @Test
  void otherEncodingsAndAByteOrderMarkAreRefused() {
    for (String charset : new String[] {"UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE", "UTF-32LE"}) {
      assertThatThrownBy(() -> JsonText.parse("{\"a\":1}".getBytes(charset)))
          .as(charset)
          .isInstanceOf(MalformedJsonException.class);
    }
    assertThatThrownBy(() -> parse("\uFEFF{}"))
        .isInstanceOf(MalformedJsonException.class)
        .hasMessageContaining("byte order mark");
  }

  @Test
  void longStringsNumbersAndNamesPassThroughUnread() throws Exception {
    String digits = "1".repeat(200_000);
    JsonValue value =
        parse("{\"n\":" + digits + ",\"f\":0." + digits + ",\"" + "x".repeat(100_000) + "\":1}");

    assertThat(bytes(value, "n")).hasSize(200_000);
    assertThat(bytes(value, "f")).hasSize(200_002);
  }

  private static JsonValue parse(String text) throws MalformedJsonException {
    return JsonText.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] bytes(JsonValue object, String member) {
    return Objects.requireNonNull(object.members().get(member)).bytes();
  }

  private static byte[] concat(byte[]... parts) {
    var out = new java.io.ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static String space(Random random) {
    return " \n\t\r ".substring(random.nextInt(5)).substring(0, random.nextInt(2));
  }

  private static String randomValue(Random random, int depth) {
    return switch (random.nextInt(depth > 3 ? 5 : 7)) {
      case 0 -> "null";
      case 1 -> String.valueOf(random.nextInt());
      case 2 -> random.nextInt(100) + "." + random.nextInt(100) + "e" + random.nextInt(9);
      case 3 -> "\"" + "aé€😀\\\"\\\\\\u0041".repeat(random.nextInt(3)) + "\"";
      case 4 -> random.nextBoolean() ? "true" : "false";
      case 5 -> "[" + space(random) + randomValue(random, depth + 1) + space(random) + "]";
      default ->
          "{\"k\""
              + space(random)
              + ":"
              + randomValue(random, depth + 1)
              + ",\"l\" :"
              + space(random)
              + randomValue(random, depth + 1)
              + space(random)
              + "}";
    };
  }
}
