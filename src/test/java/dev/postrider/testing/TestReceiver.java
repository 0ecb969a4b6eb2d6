package dev.postrider.testing;

import dev.postrider.receiver.ReceiverVerticle;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;

/** A webhook receiver that is told over HTTP how to behave. */
public final class TestReceiver {
  private final String url;

  private TestReceiver(String url) {
    this.url = url;
  }

  /** Starts one on {@code port}, 0 for any free one; it ends with {@code vertx}. */
  public static TestReceiver start(Vertx vertx, int port) throws Exception {
    ReceiverVerticle receiver = new ReceiverVerticle("127.0.0.1", port);
    vertx.deployVerticle(receiver).await(30, TimeUnit.SECONDS);
    return new TestReceiver("http://127.0.0.1:" + receiver.port());
  }

  /** Where webhooks go. */
  public String hooks() {
    return url + "/hooks";
  }

  /** Behaves so for the next deliveries, as {@code POST /_behave} takes it. */
  public void behave(JsonObject behaviour) {
    TestServer.call(url + "/_behave", "POST", behaviour);
  }

  public int receivedCount() {
    return received().getInteger("received_count");
  }

  public JsonArray deliveries() {
    return received().getJsonArray("deliveries");
  }

  private JsonObject received() {
    return TestServer.call(url + "/_received", "GET", null).body();
  }
}
