package dev.postrider.api.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldsTest {

  private final FieldErrors errors = new FieldErrors();

  @Test
  void everythingWrongIsReportedAtOnceInOrder() throws Exception {
    Fields fields =
        fields("{\"id\": 5, \"taskqueue\": \"q\", \"policy\": {\"jitter\": 2, \"x\": 1}}");

    fields.text("id", TextRule.IDENTIFIER);
    String queue = fields.requiredText("taskQueue", TextRule.IDENTIFIER);
    Fields policy = fields.object("policy");
    if (policy != null) {
      policy.decimal("jitter", 0, 1);
      policy.end();
    }
    fields.end();

    assertThat(queue).isEmpty();
    assertThat(errors.list())
        .containsExactly(
            new FieldError("id", "must be a string, not an integer: 5"),
            new FieldError("taskQueue", "is required"),
            new FieldError("policy.jitter", "must be from 0 to 1, not 2"),
            new FieldError("policy.x", "is unknown"),
            new FieldError("taskqueue", "is unknown, did you mean taskQueue?"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "null | must be a string, not null",
        "true | must be a string, not a boolean: true",
        "1 | must be a string, not an integer: 1",
        "1.5 | must be a string, not a number with a fraction or an exponent: 1.5",
        "[] | must be a string, not an array",
        "{} | must be a string, not an object",
        "\"\" | must not be empty",
        "\".\" | must not be \".\"",
        "\"..\" | must not be \"..\"",
        "\"a\\u0000\" | must not have control characters, as U+0000 at character 2",
        "\"\\u0085\" | must not have control characters, as U+0085 at character 1",
        "\"a\\ud800\" | must not have an unpaired surrogate, as at character 2",
        "\"\\ude00\\ud83d\" | must not have an unpaired surrogate, as at character 1",
      })
  void anIdentifierIsRefusedWithTheRuleItBreaks(String value, String message) throws Exception {
    refuses(value, message, (fields, name) -> fields.text(name, TextRule.IDENTIFIER));
  }

  @Test
  void lengthsAreCountedInBytesOfUtf8() throws Exception {
    assertThat(fields("{\"f\":\"" + "é".repeat(500) + "\"}").text("f", TextRule.IDENTIFIER))
        .hasSize(500);
    refuses(
        "\"" + "é".repeat(500) + "x\"",
        "must be at most 1000 bytes of UTF-8, not 1001",
        (fields, name) -> fields.text(name, TextRule.IDENTIFIER));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | must be from 1 to 5, not 0",
        "6 | must be from 1 to 5, not 6",
        "-1 | must be from 1 to 5, not -1",
        "99999999999999999999 | must be from 1 to 5, not 99999999999999999999",
        "-99999999999999999999 | must be from 1 to 5, not -99999999999999999999",
        "1.0 | must be an integer, not a number with a fraction or an exponent: 1.0",
        "1e0 | must be an integer, not a number with a fraction or an exponent: 1e0",
        "\"1\" | must be an integer, not a string: \"1\"",
      })
  void anIntegerIsRefusedWithTheRuleItBreaks(String value, String message) throws Exception {
    refuses(value, message, (fields, name) -> fields.integer(name, 1, 5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.0009 | must be from 0.001 to 1000, not 0.0009",
        "1000.1 | must be from 0.001 to 1000, not 1000.1",
        "1e999 | must be from 0.001 to 1000, not 1e999",
        "\"1\" | must be a number, not a string: \"1\"",
      })
  void aNumberIsRefusedWithTheRuleItBreaks(String value, String message) throws Exception {
    refuses(value, message, (fields, name) -> fields.decimal(name, 0.001, 1000));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.09 | must be 0 or from 0.1 to 10, not 0.09",
        "10.1 | must be 0 or from 0.1 to 10, not 10.1",
        "-1 | must be 0 or from 0.1 to 10, not -1",
      })
  void aNumberThatMayBeZeroIsRefusedInBetween(String value, String message) throws Exception {
    refuses(value, message, (fields, name) -> fields.decimalOrZero(name, 0.1, 10));
  }

  @Test
  void zeroIsAllowedBelowTheLeast() throws Exception {
    for (String zero : new String[] {"0", "0.0", "-0", "0e5"}) {
      assertThat(fields("{\"f\":" + zero + "}").decimalOrZero("f", 0.1, 10)).isEqualTo(0.0);
    }
    assertThat(fields("{\"f\":0.1}").decimalOrZero("f", 0.1, 10)).isEqualTo(0.1);
    assertThat(fields("{\"f\":10}").decimalOrZero("f", 0.1, 10)).isEqualTo(10.0);
  }

  @Test
  void boundsBelongToTheRange() throws Exception {
    assertThat(fields("{\"f\":1}").integer("f", 1, 5)).isEqualTo(1);
    assertThat(fields("{\"f\":5}").integer("f", 1, 5)).isEqualTo(5);
    assertThat(fields("{\"f\":0.001}").decimal("f", 0.001, 1000)).isEqualTo(0.001);
    assertThat(fields("{\"f\":1e3}").decimal("f", 0.001, 1000)).isEqualTo(1000);
  }

  @Test
  void aValueThatIsKeptMayBeNullAndDiffersFromAbsence() throws Exception {
    Fields fields = fields("{\"f\": null}");

    assertThat(fields.raw("f")).extracting(JsonValue::source).isEqualTo("null");
    assertThat(fields.raw("g")).isNull();
    assertThat(errors.list()).isEmpty();
  }

  @Test
  void textsAreReportedOneByOne() throws Exception {
    Fields fields = fields("{\"f\": [\"a\", 1, \"\"]}");

    assertThat(fields.texts("f", 3, TextRule.IDENTIFIER)).containsExactly("a");
    assertThat(errors.list())
        .containsExactly(
            new FieldError("f[1]", "must be a string, not an integer"),
            new FieldError("f[2]", "must not be empty"));
  }

  @Test
  void durationsAndInstantsAreReadAndRefused() throws Exception {
    assertThat(fields("{\"f\":\"90s\"}").duration("f")).isEqualTo(Duration.ofSeconds(90));
    assertThat(fields("{\"f\":\"2027-01-31T10:00:00.1239+02:00\"}").instant("f"))
        .isEqualTo(Instant.parse("2027-01-31T08:00:00.123Z"));
    for (String wrong :
        new String[] {
          "2027-01-31", "2027-13-31T08:00:00Z", "2027-01-31T08:00:00", "1969-12-31T23:59:59Z", "now"
        }) {
      errors.list();
      assertThat(fields("{\"f\":\"" + wrong + "\"}").instant("f")).as(wrong).isNull();
    }
    assertThat(errors.list()).hasSize(5);
    assertThat(fields("{\"f\":30}").duration("f")).isNull();
    assertThat(fields("{\"f\":\"1.5s\"}").duration("f")).isNull();
    assertThat(errors.list()).hasSize(7);
  }

  @Test
  void anInstantIsWrittenWithItsMilliseconds() {
    assertThat(Instants.format(Instant.parse("2027-01-31T08:00:00Z")))
        .isEqualTo("2027-01-31T08:00:00.000Z");
  }

  @Test
  void aChoiceNamesWhatThereIs() throws Exception {
    refuses(
        "\"maybe\"",
        "must be one of no, not \"maybe\"",
        (fields, name) -> fields.choice(name, Map.of("no", 0)));
  }

  @Test
  void aBodyThatIsNoObjectIsOneError() throws Exception {
    Fields fields = fields("[1]");
    fields.end();

    assertThat(errors.list())
        .containsExactly(new FieldError("body", "must be an object, not an array"));
  }

  @Test
  void errorsBeyondTheBoundAreCounted() throws Exception {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < 150; i++) {
      text.append(i == 0 ? "" : ",").append("\"f").append(i).append("\":1");
    }
    fields(text.append('}').toString()).end();

    assertThat(errors.list()).hasSize(FieldErrors.MAX_KEPT);
    assertThat(errors.omitted()).isEqualTo(50);
  }

  private void refuses(String value, String message, BiConsumer<Fields, String> read)
      throws Exception {
    Fields fields = fields("{\"f\":" + value + "}");
    read.accept(fields, "f");
    fields.end();

    assertThat(errors.list()).containsExactly(new FieldError("f", message));
  }

  private Fields fields(String body) throws MalformedJsonException {
    return Fields.ofBody(JsonText.parse(body.getBytes(StandardCharsets.UTF_8)), errors);
  }
}
