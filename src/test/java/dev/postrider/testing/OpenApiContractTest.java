package dev.postrider.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OpenApiContractTest {

  private final OpenApiContract contract = OpenApiContract.load();

  @Test
  void everyExampleOfTheDocumentIsValid() {
    assertThat(contract.violationsOfExamples()).isEmpty();
  }

  @Test
  void aRequestAsDocumentedIsTaken() {
    assertThat(
            contract.violationsOfRequest(
                "POST",
                "/v1/webhooks?wait=1s",
                "application/json; charset=utf-8",
                "{\"eventId\":\"e1\",\"url\":\"http://localhost:9000/hooks\",\"payload\":{}}"))
        .isEmpty();
  }

  @Test
  void whatTheDocumentDoesNotSayIsFound() {
    String body = "{\"eventId\":7,\"url\":\"http://localhost:9000/hooks\",\"payload\":{}}";
    assertThat(contract.violationsOfRequest("POST", "/v1/webhooks", "application/json", body))
        .first()
        .asString()
        .contains("/eventId");
    assertThat(contract.violationsOfRequest("POST", "/v1/webhooks", "application/json", null))
        .containsExactly("a request body is required");
    assertThat(contract.violationsOfRequest("POST", "/v1/webhooks", "text/plain", body))
        .containsExactly("content type text/plain is not documented");
    assertThat(contract.violationsOfRequest("PUT", "/v1/webhooks", null, null))
        .containsExactly("PUT /v1/webhooks is not documented");
  }

  @Test
  void anAnswerIsHeldToItsStatusTypeAndSchema() {
    assertThat(
            contract.violationsOfAnswer("GET", "/v1/jobs/a", 404, "application/problem+json", "{}"))
        .isNotEmpty()
        .allMatch(violation -> violation.contains("required property"));
    assertThat(contract.violationsOfAnswer("GET", "/v1/jobs/a", 418, "application/json", "{}"))
        .containsExactly("status 418 is not documented");
    assertThat(contract.violationsOfAnswer("GET", "/v1/jobs/a", 404, "application/json", "{}"))
        .containsExactly("content type application/json is not documented");
    assertThat(contract.violationsOfAnswer("GET", "/v1/jobs/a", 404, null, null))
        .containsExactly("the answer has no body");
  }

  @Test
  void operationsAreNamedByMethodAndPath() {
    assertThat(contract.operations())
        .contains("POST /v1/webhooks", "GET /v1/jobs/{id}", "DELETE /v1/jobs/{id}");
  }
}
