package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.job.WebhookInput;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookInputJsonTest {

  @Test
  void read_everyField_isRead() {
    WebhookInput input =
        read(
            "{\"headers\":{\"X-B\":\"1\",\"X-A\":\"\\u0032\"},\"eventId\":\"evt_1\","
                + "\"payload\":{\"a\": 1},\"url\":\"http://shop.example/hooks?x=1\"}");

    assertThat(input.eventId()).isEqualTo("evt_1");
    assertThat(input.url().destination()).isEqualTo("http://shop.example:80");
    assertThat(input.payload()).hasToString("{\"a\": 1}");
    assertThat(input.headers()).containsExactly(Map.entry("X-B", "1"), Map.entry("X-A", "2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "0",
        "-1.50e+3",
        "\"\"",
        "\"a\\\"}\\u00e9 é\"",
        "[]",
        "{}",
        "{ \"b\" : [1,\n2 , {}] ,\"a\":\"x\" }",
        "12345678901234567890.123456789012345678900"
      })
  void read_payload_isItsExactBytes(String payload) {
    for (String space : new String[] {"", " ", "\n\t "}) {
      String json =
          "{\"eventId\":\"e\",\"payload\":" + space + payload + space + ",\"url\":\"http://h/\"}";

      assertThat(read(json).payload()).hasToString(payload);
    }
  }

  @Test
  void read_payloadLast_isItsExactBytes() {
    assertThat(read("{\"url\":\"http://h/\",\"eventId\":\"e\",\"payload\":42}").payload())
        .hasToString("42");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]                                                  | the input must be an object",
        "{\"eventId\":\"e\",\"url\":\"http://h/\"}           | the input must have",
        "{\"eventId\":1}                                     | eventId must be a string",
        "{\"eventId\":\"a b\",\"url\":\"http://h/\",\"payload\":1} | must consist of",
        "{\"url\":\"nowhere\"}                               | must be an absolute",
        "{\"headers\":[]}                                    | headers must be an object",
        "{\"headers\":{\"X\":1}}                             | X must be a string",
        "{\"headers\":{\"Host\":\"x\"}}                      | is set by the delivery",
        "{\"more\":1}                                        | the input's field more is unknown",
        "{                                                   | the input is not JSON",
      })
  void read_whatIsNoInput_isRefused(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static WebhookInput read(String json) {
    return WebhookInputJson.read(Buffer.buffer(json));
  }
}
