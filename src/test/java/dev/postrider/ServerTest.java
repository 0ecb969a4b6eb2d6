package dev.postrider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.redis.StartupException;
import dev.postrider.testing.Await;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.TestReceiver;
import dev.postrider.testing.TestServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith({VertxExtension.class, RedisExtension.class})
class ServerTest {

  @Test
  void aWebhookIsDeliveredOnce(Vertx vertx, RedisServer redis) throws Exception {
    TestReceiver receiver = TestReceiver.start(vertx, 0);
    try (TestServer server = TestServer.start(redis)) {
      JsonObject job = server.post("/v1/webhooks?wait=30s", webhook("e-1", receiver)).body();

      assertThat(job.getString("status")).isEqualTo("completed");
      assertThat(job.getInteger("result")).isEqualTo(200);
      assertThat(attempt(job, 0).getJsonObject("response").getInteger("status")).isEqualTo(200);
      assertThat(receiver.deliveries()).hasSize(1);
      JsonObject delivery = receiver.deliveries().getJsonObject(0);
      assertThat(delivery.getString("idempotency_key")).isEqualTo("webhook:e-1");
    }
  }

  @Test
  void aReceiverThatWasDownGetsTheWebhookWhenItIsUp(Vertx vertx, RedisServer redis)
      throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (TestServer server = TestServer.start(redis)) {
      JsonObject webhook =
          new JsonObject()
              .put("eventId", "e-1")
              .put("url", "http://127.0.0.1:" + port + "/hooks")
              .put("payload", 1)
              .put("retryPolicy", new JsonObject().put("initialInterval", "50ms"));
      server.post("/v1/webhooks", webhook);
      Await.until(
          "a failed attempt",
          () -> server.get("/v1/jobs/deliver-e-1").body().containsKey("failure"));
      JsonObject failing = server.get("/v1/jobs/deliver-e-1").body();
      TestReceiver.start(vertx, port);
      JsonObject job = server.get("/v1/jobs/deliver-e-1/result?wait=30s").body();

      assertThat(failing.getString("status")).isEqualTo("running");
      assertThat(failing.getJsonObject("failure").getString("type")).isEqualTo("connect_failed");
      assertThat(job.getString("status")).isEqualTo("completed");
    }
  }

  @Test
  void anAttemptThatFailedIsRepeatedUnderTheSameKey(Vertx vertx, RedisServer redis)
      throws Exception {
    TestReceiver receiver = TestReceiver.start(vertx, 0);
    receiver.behave(new JsonObject().put("status", 500).put("times", 2).put("when", "after"));
    try (TestServer server = TestServer.start(redis)) {
      JsonObject webhook =
          webhook("e-1", receiver)
              .put("retryPolicy", new JsonObject().put("initialInterval", "20ms"));
      JsonObject job = server.post("/v1/webhooks?wait=30s", webhook).body();

      assertThat(job.getInteger("attempt")).isEqualTo(3);
      assertThat(attempt(job, 0).getJsonObject("failure").getString("type")).isEqualTo("http.500");
      assertThat(receiver.receivedCount()).isEqualTo(3);
    }
  }

  @Test
  void oneHangingDestinationTakesNoMoreThanItsShare(Vertx vertx, RedisServer redis)
      throws Exception {
    TestReceiver hanging = TestReceiver.start(vertx, 0);
    TestReceiver well = TestReceiver.start(vertx, 0);
    hanging.behave(new JsonObject().put("hang", true).put("times", 1000));
    try (TestServer server =
        TestServer.start(redis, "delivery.maxInFlight=8", "delivery.shutdownGrace=0s")) {
      for (int i = 0; i < 50; i++) {
        server.post("/v1/webhooks", webhook("hanging-" + i, hanging));
      }
      Await.until("a hanging delivery", () -> hanging.receivedCount() > 0);
      for (int i = 0; i < 20; i++) {
        JsonObject job = server.post("/v1/webhooks?wait=10s", webhook("well-" + i, well)).body();
        assertThat(job.getString("status")).isEqualTo("completed");
      }

      assertThat(hanging.receivedCount()).isEqualTo(1);
    }
  }

  @Test
  void aServerThatClosesAnswersThePollsThatWait(RedisServer redis) throws Exception {
    CompletableFuture<TestServer.Answer> parked;
    try (TestServer server = TestServer.start(redis)) {
      String url = server.url() + "/v1/task-queues/q/poll";
      JsonObject poll = new JsonObject().put("worker", "w").put("wait", "60s");
      parked = CompletableFuture.supplyAsync(() -> TestServer.call(url, "POST", poll));
      Await.until("a parked poll", () -> server.gauge("postrider_parked_polls") == 1);
    }

    TestServer.Answer answer = parked.get(10, TimeUnit.SECONDS);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().getJsonArray("tasks")).isEmpty();
  }

  @Test
  void cancelReachesADeliveryUnderWay(Vertx vertx, RedisServer redis) throws Exception {
    TestReceiver receiver = TestReceiver.start(vertx, 0);
    receiver.behave(new JsonObject().put("hang", true).put("times", 1000));
    try (TestServer server = TestServer.start(redis, "delivery.maxInFlight=1")) {
      server.post("/v1/webhooks", webhook("e-1", receiver));
      Await.until("the delivery", () -> receiver.receivedCount() == 1);
      server.post("/v1/jobs/deliver-e-1/cancel", new JsonObject());
      JsonObject job = server.get("/v1/jobs/deliver-e-1/result?wait=30s").body();

      assertThat(job.getString("status")).isEqualTo("canceled");
      // The one place in flight is free again at once, long before the attempt's deadline.
      server.post("/v1/webhooks", webhook("e-2", receiver));
      Await.until("the next delivery", () -> receiver.receivedCount() == 2);
      server.post("/v1/jobs/deliver-e-2/terminate", new JsonObject());
    }
  }

  @Test
  void aStoppingNodeHandsBackWhatItCannotFinish(Vertx vertx, RedisServer redis) throws Exception {
    TestReceiver receiver = TestReceiver.start(vertx, 0);
    receiver.behave(new JsonObject().put("hang", true).put("times", 1));
    try (TestServer server = TestServer.start(redis, "delivery.shutdownGrace=0s")) {
      server.post("/v1/webhooks", webhook("e-1", receiver));
      Await.until("the delivery", () -> receiver.receivedCount() == 1);
    }
    try (TestServer next = TestServer.start(redis)) {
      JsonObject job = next.get("/v1/jobs/deliver-e-1/result?wait=30s").body();
      JsonObject described = next.get("/v1/jobs/deliver-e-1").body();

      assertThat(job.getString("status")).isEqualTo("completed");
      assertThat(described.getInteger("attempt")).isEqualTo(1);
      assertThat(described.getInteger("leaseLosses")).isZero();
    }
  }

  @Test
  void aStoppingNodeLetsDeliveriesEndWithinTheirGrace(Vertx vertx, RedisServer redis)
      throws Exception {
    TestReceiver receiver = TestReceiver.start(vertx, 0);
    receiver.behave(new JsonObject().put("delay", "700ms").put("times", 1).put("when", "after"));
    try (TestServer server = TestServer.start(redis)) {
      server.post("/v1/webhooks", webhook("e-1", receiver));
      Await.until("the delivery", () -> receiver.receivedCount() == 1);
    }
    try (TestServer next = TestServer.start(redis, "delivery.taskQueues=other")) {
      JsonObject job = next.get("/v1/jobs/deliver-e-1").body();

      assertThat(job.getString("status")).isEqualTo("completed");
      assertThat(receiver.receivedCount()).isEqualTo(1);
    }
  }

  @Test
  void aWaitingCallIsAnsweredWhenTheNodeStops(Vertx vertx, RedisServer redis) throws Exception {
    TestServer server = TestServer.start(redis, "delivery.taskQueues=other");
    TestReceiver receiver = TestReceiver.start(vertx, 0);
    server.post("/v1/webhooks", webhook("e-1", receiver));
    var waiting =
        vertx.executeBlocking(() -> server.get("/v1/jobs/deliver-e-1/result?wait=60s").status());
    Await.until("the waiter", () -> server.gauge("postrider_result_waiters") == 1);
    server.close();

    assertThat(waiting.await(30, TimeUnit.SECONDS)).isEqualTo(202);
  }

  @Test
  void aTaskOfAnotherTypeFailsAndIsTriedAgain(RedisServer redis) {
    try (TestServer server = TestServer.start(redis)) {
      JsonObject start =
          new JsonObject()
              .put("id", "j-1")
              .put("type", "send-email")
              .put("taskQueue", "webhooks")
              .put("startToCloseTimeout", "10s");
      server.post("/v1/jobs", start);
      Await.until(
          "a failed attempt", () -> server.get("/v1/jobs/j-1").body().containsKey("failure"));
      JsonObject job = server.get("/v1/jobs/j-1").body();

      assertThat(job.getString("status")).isEqualTo("running");
      assertThat(job.getJsonObject("failure").getString("type"))
          .isEqualTo("activity_not_registered");
    }
  }

  @Test
  void theQueuesOfEveryNamespaceAreServed(Vertx vertx, RedisServer redis) throws Exception {
    TestReceiver receiver = TestReceiver.start(vertx, 0);
    try (TestServer before = TestServer.start(redis, "delivery.taskQueues=other")) {
      before.post("/v1/webhooks?namespace=known", webhook("e-1", receiver));
    }
    try (TestServer server = TestServer.start(redis)) {
      JsonObject learned =
          server.get("/v1/jobs/deliver-e-1/result?wait=30s&namespace=known").body();
      JsonObject heard =
          server.post("/v1/webhooks?wait=30s&namespace=new", webhook("e-1", receiver)).body();

      assertThat(learned.getString("status")).isEqualTo("completed");
      assertThat(heard.getString("status")).isEqualTo("completed");
    }
  }

  @Test
  void jobsGoOnAfterRedisWasCutOff(Vertx vertx) throws Exception {
    try (RedisServer own = RedisServer.startWith("appendonly yes")) {
      TestReceiver receiver = TestReceiver.start(vertx, 0);
      try (TestServer server = TestServer.start(own)) {
        own.call("CLIENT", "KILL", "TYPE", "normal");
        own.call("CLIENT", "KILL", "TYPE", "pubsub");
        own.call("SCRIPT", "FLUSH");
        Await.until(
            "a start that is taken",
            () -> server.post("/v1/webhooks", webhook("e-1", receiver)).status() < 300);
        JsonObject job = server.get("/v1/jobs/deliver-e-1/result?wait=30s").body();

        assertThat(job.getString("status")).isEqualTo("completed");
        Await.until("health", () -> server.manage("/health/ready").status() == 200);
      }
    }
  }

  @Test
  void aPortInUseIsSaidInOneLine(RedisServer redis) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();

      assertThatThrownBy(() -> TestServer.start(redis, "http.port=" + port))
          .isInstanceOfSatisfying(
              StartupException.class,
              refused -> {
                assertThat(refused).hasMessage("port " + port + " on 127.0.0.1 is in use");
                assertThat(refused.hint()).contains("--set http.port=");
              });
    }
  }

  @Test
  void aStoreOfOtherPartitionsIsRefused(RedisServer redis) {
    TestServer.start(redis, "partitions=2").close();

    assertThatThrownBy(() -> TestServer.start(redis, "partitions=3"))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("2 partitions, not 3");
  }

  @Test
  void aDataDirectoryInUseIsRefused(@TempDir Path directory) {
    Server first = new Server(TestServer.config("data.directory=" + directory));
    try {
      first.start();
      Server second = new Server(TestServer.config("data.directory=" + directory));

      assertThatThrownBy(second::start).isInstanceOf(StartupException.class);
      second.stop();
      assertThat(TestServer.call(first.url() + "/v1/jobs", "GET", null).status()).isEqualTo(200);
    } finally {
      first.stop();
    }
  }

  private static JsonObject webhook(String eventId, TestReceiver receiver) {
    return new JsonObject()
        .put("eventId", eventId)
        .put("url", receiver.hooks())
        .put("payload", new JsonObject().put("event", eventId));
  }

  private static JsonObject attempt(JsonObject job, int index) {
    JsonArray attempts = job.getJsonArray("attempts");
    return attempts.getJsonObject(index);
  }
}
