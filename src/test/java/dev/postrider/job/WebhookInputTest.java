package dev.postrider.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookInputTest {

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:9000/hooks, http://127.0.0.1:9000, /hooks",
    "HTTPS://Example.ORG, https://example.org:443, /",
    "http://example.org?a=b/c, http://example.org:80, /?a=b/c",
    "http://[2001:DB8::1]:8080/x%20y?q=1, http://[2001:db8:0:0:0:0:0:1]:8080, /x%20y?q=1",
    "http://[2001:db8:0::1]:8080, http://[2001:db8:0:0:0:0:0:1]:8080, /",
    "http://[::ffff:192.0.2.7]/, http://192.0.2.7:80, /",
    "http://example.org./, http://example.org:80, /",
    "http://web_hook.internal/, http://web_hook.internal:80, /",
  })
  void aUrlSaysWhereToConnectAndWhatToAskFor(String text, String destination, String target) {
    WebhookUrl url = WebhookUrl.parse(text);

    assertThat(url.destination()).isEqualTo(destination);
    assertThat(url.target()).isEqualTo(target);
    assertThat(url).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/hooks",
        "example.org/hooks",
        "ftp://example.org/",
        "http:///hooks",
        "http://",
        "http://user:secret@example.org/",
        "http://example.org/#part",
        "http://example.org:0/",
        "http://example.org:65536/",
        "http://example.org:x/",
        "http://exa mple.org/",
        "http://example.org/a b",
        "http://example.org/%zz",
        "http://example.org/\r\nX: y",
        "http://bücher.example/",
        "http://[::1/",
        "http://[1:2]/",
        "http://[fe80::1%25eth0]/",
        "http://./",
        "http://a..b/",
        "http://example.org\\@evil.example/",
      })
  void whatIsNoUsableUrlIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> WebhookUrl.parse(text));
  }

  @Test
  void aUrlOfTheGreatestLengthIsTakenAndOneMoreIsRefused() {
    String longest = "http://h/" + "x".repeat(WebhookUrl.MAX_LENGTH - 9);

    assertThatNoException().isThrownBy(() -> WebhookUrl.parse(longest));
    assertThatIllegalArgumentException().isThrownBy(() -> WebhookUrl.parse(longest + "x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host",
        "content-length",
        "Connection",
        "TRANSFER-ENCODING",
        "Idempotency-Key",
        "User-Agent",
        "webhook-id",
        "Webhook-Anything",
        "postrider-attempt",
        "Upgrade",
        "Proxy-Authorization",
        "",
        "a b",
        "a:b",
        "é",
        "a\r\nb"
      })
  void reservedAndInvalidNamesAreRefused(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> WebhookHeaders.check(name, "v"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nX-Evil: 1", "a\nb", "a\u0000", "\u007f", "é", " a", "a "})
  void valuesThatWouldBreakARequestAreRefused(String value) {
    assertThatIllegalArgumentException().isThrownBy(() -> WebhookHeaders.check("X-Own", value));
  }

  @Test
  void ordinaryFieldsAreTaken() {
    assertThatNoException().isThrownBy(() -> WebhookHeaders.check("X-Own", "a\tb; c=\"d\""));
    assertThatNoException().isThrownBy(() -> WebhookHeaders.check("Content-Type", "text/plain"));
    assertThatNoException().isThrownBy(() -> WebhookHeaders.check("Authorization", ""));
  }

  @Test
  void eventIdsAreBounded() {
    assertThat(WebhookInput.checkEventId("aZ09_:-")).isEqualTo("aZ09_:-");
    assertThatNoException().isThrownBy(() -> WebhookInput.checkEventId("x".repeat(256)));
    for (String wrong : new String[] {"", "x".repeat(257), "a b", "a/b", "é", "a\n", "."}) {
      assertThatIllegalArgumentException().isThrownBy(() -> WebhookInput.checkEventId(wrong));
    }
  }
}
