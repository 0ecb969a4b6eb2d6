package dev.postrider.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.receiver.Behaviour.Answer;
import dev.postrider.receiver.Behaviour.Body;
import dev.postrider.receiver.Behaviour.Close;
import dev.postrider.receiver.Behaviour.GoOn;
import dev.postrider.receiver.Behaviour.Hang;
import dev.postrider.receiver.Behaviour.When;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BehaviourParserTest {

  @Test
  void parse_nothing_isOneRequestAsUsual() {
    assertThat(BehaviourParser.parse("{}"))
        .isEqualTo(new Behaviour(When.BEFORE, 1, Duration.ZERO, new GoOn()));
  }

  @Test
  void parse_everyFieldOfAnAnswer_isRead() {
    String json =
        """
        {"status": 500, "times": 2, "delay": "250ms", "retryAfter": "1500ms",
         "body": {"no": "stock"}, "when": "after"}
        """;

    assertThat(BehaviourParser.parse(json))
        .isEqualTo(
            new Behaviour(
                When.AFTER,
                2,
                Duration.ofMillis(250),
                new Answer(500, "2", new Body("application/json", "{\"no\":\"stock\"}"))));
  }

  @Test
  void parse_hangOrClose_endsWithoutAnAnswer() {
    assertThat(BehaviourParser.parse("{\"hang\":true}").ending()).isEqualTo(new Hang());
    assertThat(BehaviourParser.parse("{\"close\":true}").ending()).isEqualTo(new Close());
  }

  @Test
  void parse_retryAfterAlone_means503() {
    assertThat(BehaviourParser.parse("{\"retryAfter\":\"2m\"}").ending())
        .isEqualTo(new Answer(503, "120", null));
  }

  @Test
  void parse_retryAfterAsHttpDate_isSentAsItIs() {
    String date = "Fri, 02 Jan 2026 03:04:05 GMT";

    assertThat(BehaviourParser.parse("{\"status\":429,\"retryAfter\":\"" + date + "\"}").ending())
        .isEqualTo(new Answer(429, date, null));
  }

  @Test
  void parse_bodyAlone_isAnAnswerWith200() {
    assertThat(BehaviourParser.parse("{\"body\":\"fine\"}").ending())
        .isEqualTo(new Answer(200, null, new Body("text/plain; charset=utf-8", "fine")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"sleep\":1}                    | sleep is not a field",
        "{\"status\":\"500\"}             | status must be an integer",
        "{\"status\":500.5}               | status must be an integer",
        "{\"status\":null}                | status must be an integer",
        "{\"status\":199}                 | status must be between 200 and 599",
        "{\"status\":600}                 | status must be between 200 and 599",
        "{\"times\":0}                    | times must be between 1",
        "{\"times\":99999999999}          | times must be an integer",
        "{\"delay\":2}                    | delay must be a string",
        "{\"delay\":\"2\"}                | delay must be",
        "{\"delay\":\"-2s\"}              | delay must be",
        "{\"hang\":\"yes\"}               | hang must be true or false",
        "{\"close\":1}                    | close must be true or false",
        "{\"retryAfter\":2}               | retryAfter must be a string",
        "{\"retryAfter\":\"tomorrow\"}    | retryAfter must be",
        "{\"when\":\"during\"}            | when must be \"before\" or \"after\"",
        "{\"when\":true}                  | when must be a string",
        "{\"hang\":true,\"close\":true}   | close cannot stand with hang",
        "{\"hang\":true,\"status\":500}   | hang leaves no answer",
        "{\"close\":true,\"body\":1}      | close leaves no answer",
        "{\"times\":1,\"times\":2}        | Duplicate field 'times'",
        "[]                               | the body must be an object",
      })
  void parse_wrongField_isRefusedByItsName(String json, String message) {
    assertThatThrownBy(() -> BehaviourParser.parse(json))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining(message);
  }
}
