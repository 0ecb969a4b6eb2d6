package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {

  record Price(BigDecimal amount) {}

  private final Json json = new Json(Json.defaultMapper());

  @Test
  void numbersKeepTheirDigits() throws Exception {
    JsonNode body =
        Json.parse(
            Buffer.buffer(
                "{\"a\":{\"amount\":1.10},\"b\":123456789012345678901234567890,"
                    + "\"c\":0.1234567890123456789}"));

    assertThat(json.read(body.get("a"), Price.class)).isEqualTo(new Price(new BigDecimal("1.10")));
    assertThat(json.read(body.get("b"), BigInteger.class))
        .isEqualTo(new BigInteger("123456789012345678901234567890"));
    assertThat(Json.bytes(body).toString())
        .isEqualTo(
            "{\"a\":{\"amount\":1.10},\"b\":123456789012345678901234567890,"
                + "\"c\":0.1234567890123456789}");
  }

  @Test
  void anAbsentValueIsNull() throws Exception {
    assertThat(json.read(null, String.class)).isNull();
    assertThat(json.read(Json.object().path("none"), String.class)).isNull();
    assertThat(json.read(Json.object().putNull("n").get("n"), String.class)).isNull();
    assertThat(Json.parse(null)).isEmpty();
  }

  @Test
  void membersThatAClassDoesNotHaveAreOverlooked() throws Exception {
    JsonNode node = Json.parse(Buffer.buffer("{\"amount\":1,\"currency\":\"EUR\"}"));

    assertThat(json.read(node, Price.class)).isEqualTo(new Price(BigDecimal.ONE));
  }

  @Test
  void aValueIsWrittenByTheApplicationsMapper() {
    ObjectNode body = json.put(Json.object(), "input", Map.of("to", List.of("ada")));
    ObjectNode none = json.put(Json.object(), "input", null);

    assertThat(Json.bytes(body).toString()).isEqualTo("{\"input\":{\"to\":[\"ada\"]}}");
    assertThat(none).isEmpty();
    assertThatThrownBy(() -> json.write(new Object()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("cannot be written as JSON: ");
  }

  @Test
  void whatIsNoJsonIsNotRead() {
    assertThatThrownBy(() -> Json.parse(Buffer.buffer("<html>"))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> json.readOrRefuse(Json.object(), Integer.class))
        .isInstanceOf(PostriderException.class)
        .hasMessage("cannot be read as Integer");
  }
}
