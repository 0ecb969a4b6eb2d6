package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.testing.Await;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Polls of several queues; every answer is held against the contract. */
@ParameterizedClass(name = "{0} partitions")
@ValueSource(ints = {1, 4})
@ExtendWith({VertxExtension.class, RedisExtension.class})
class PollQueuesApiTest {

  private static final int PLACES = 3;
  private static final String POLL = "/v1/poll";

  private final int partitions;
  private LiveApi live;
  private ApiClient client;

  PollQueuesApiTest(int partitions) {
    this.partitions = partitions;
  }

  @BeforeEach
  void start(Vertx vertx, RedisServer redis) throws Exception {
    live = LiveApi.start(vertx, redis, partitions, PLACES);
    client = live.client();
  }

  @Test
  void tasksComeFromTheQueuesByWeight() {
    for (String queue : List.of("a", "b", "c")) {
      jobs(queue, 40);
    }

    HttpAnswer polled =
        poll(
            "{'name':'a','weight':3},{'name':'b','weight':2},{'name':'c'}",
            ",'order':'weighted','maxTasks':30");

    assertThat(counts(polled)).isEqualTo(Map.of("a", 15, "b", 10, "c", 5));
    JsonNode task = polled.json().at("/tasks/0");
    String path = "/v1/tasks/" + task.path("token").asText();
    HttpAnswer done =
        client.post(path + "/complete", "{\"next\":{\"wait\":\"0s\",\"maxTasks\":9}}");
    assertThat(counts(done))
        .as("of the one queue")
        .isEqualTo(Map.of(task.path("taskQueue").asText(), 9));
  }

  @Test
  void inStrictOrderTheFirstQueueComesFirst() {
    jobs("a", 2);
    jobs("b", 9);

    HttpAnswer polled = poll("{'name':'a'},{'name':'b'}", ",'order':'strict','maxTasks':5");

    assertThat(polled.json().findValuesAsText("taskQueue"))
        .containsExactly("a", "a", "b", "b", "b");
  }

  @Test
  void weightsAreOneAndTheOrderIsByWeightWhereNothingIsSaid() {
    jobs("a", 10);
    jobs("b", 10);

    assertThat(counts(poll("{'name':'a'},{'name':'b'}", ",'maxTasks':8")))
        .isEqualTo(Map.of("a", 4, "b", 4));
  }

  @Test
  void aHundredQueuesMayBeAsked() {
    jobs("q99", 1);
    String queues =
        IntStream.range(0, 100)
            .mapToObj(i -> "{'name':'q" + i + "'}")
            .collect(Collectors.joining(","));

    assertThat(counts(poll(queues, ""))).isEqualTo(Map.of("q99", 1));
    assertThat(counts(poll(queues, ",'wait':'0s'"))).isEmpty();
  }

  @Test
  void oneQueueIsAsMuchAsSeveral() {
    jobs("a", 1);

    assertThat(counts(poll("{'name':'a'}", ",'order':'strict'"))).isEqualTo(Map.of("a", 1));
    assertThat(counts(poll("{'name':'a'}", ",'wait':'1ms'"))).isEmpty();
  }

  @Test
  void theQueuesAreThoseOfTheNamespace() {
    jobs("a", 1);

    HttpAnswer other =
        client.post(POLL + "?namespace=other", body("{'name':'a'},{'name':'b'}", ",'wait':'0s'"));

    assertThat(counts(other)).isEmpty();
    assertThat(counts(poll("{'name':'a'},{'name':'b'}", ""))).isEqualTo(Map.of("a", 1));
  }

  @Test
  void aParkedPollTakesOnePlaceAndIsGivenWhatComesInAnyOfItsQueues() throws Exception {
    CompletableFuture<HttpAnswer> parked = parked();
    assertThat(live.freePolls()).isEqualTo(PLACES - 1);

    jobs("b", 1);

    assertThat(counts(parked.get(30, TimeUnit.SECONDS))).isEqualTo(Map.of("b", 1));
    Await.until("a free place", () -> live.freePolls() == PLACES);
  }

  @Test
  void onePollTooManyIsToldToComeAgain() {
    List<CompletableFuture<HttpAnswer>> all = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      all.add(parked());
    }

    HttpAnswer refused = poll("{'name':'a'},{'name':'b'}", "");

    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.code()).isEqualTo("too_many_polls");
    assertThat(all).noneMatch(CompletableFuture::isDone);
  }

  @Test
  void aNoticeEndsAParkedPollOnce() throws Exception {
    jobs("b", 1);
    String token = poll("{'name':'a'},{'name':'b'}", "").json().at("/tasks/0/token").asText();
    CompletableFuture<HttpAnswer> parked = parked();

    client.post("/v1/jobs/b0/cancel");

    JsonNode told = parked.get(30, TimeUnit.SECONDS).json();
    assertThat(told.path("tasks")).isEmpty();
    assertThat(told.at("/notices/0/token").asText()).isEqualTo(token);
    assertThat(poll("{'name':'a'},{'name':'b'}", ",'wait':'0s'").json().path("notices")).isEmpty();
  }

  @Test
  void aWorkersRateHoldsOverAllItsQueues() {
    // with several partitions each gives its share, and at least one at once
    int atOnce = Math.max(2, partitions);
    jobs("a", 20);
    jobs("b", 20);

    int given = 0;
    for (int i = 0; i < 8; i++) {
      HttpAnswer polled =
          poll("{'name':'a'},{'name':'b'}", ",'wait':'0s','maxTasks':5,'maxTasksPerSecond':0.1");
      given += polled.json().path("tasks").size();
    }

    assertThat(given).isBetween(1, atOnce);
  }

  @Test
  void theTasksOfAWorkerThatIsGoneGoBackAtNoCost() throws Exception {
    try (Socket worker = new Socket(InetAddress.getLoopbackAddress(), client.port())) {
      String body = body("{'name':'a'},{'name':'b'}", ",'wait':'60s'");
      String head = "POST " + POLL + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length();
      worker.getOutputStream().write((head + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
      Await.until("a parked poll", () -> live.freePolls() == PLACES - 1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    jobs("a", 1);
    jobs("b", 1);

    List<JsonNode> tasks = new ArrayList<>();
    Await.until(
        "both tasks",
        () -> {
          poll("{'name':'a'},{'name':'b'}", ",'wait':'1s','maxTasks':2")
              .json()
              .path("tasks")
              .forEach(tasks::add);
          return tasks.size() == 2;
        });
    assertThat(tasks).allMatch(task -> task.path("attempt").asInt() == 1);
    assertThat(live.freePolls()).isEqualTo(PLACES);
  }

  private CompletableFuture<HttpAnswer> parked() {
    int before = live.freePolls();
    CompletableFuture<HttpAnswer> parked =
        CompletableFuture.supplyAsync(() -> poll("{'name':'a'},{'name':'b'}", ",'wait':'60s'"));
    Await.until("a parked poll", () -> live.freePolls() == before - 1);
    return parked;
  }

  private HttpAnswer poll(String queues, String more) {
    return client.post(POLL, body(queues, more));
  }

  private static String body(String queues, String more) {
    return ("{'worker':'w','queues':[" + queues + "]" + more + "}").replace('\'', '"');
  }

  private void jobs(String queue, int count) {
    for (int i = 0; i < count; i++) {
      String job =
          "{'id':'"
              + queue
              + i
              + "','type':'t','taskQueue':'"
              + queue
              + "','startToCloseTimeout':'60s'}";
      HttpAnswer started = client.post("/v1/jobs", job.replace('\'', '"'));
      assertThat(started.status()).as(started.body()).isEqualTo(201);
    }
  }

  private static Map<String, Integer> counts(HttpAnswer polled) {
    assertThat(polled.status()).as(polled.body()).isEqualTo(200);
    return polled.json().findValuesAsText("taskQueue").stream()
        .collect(Collectors.toMap(Function.identity(), queue -> 1, Integer::sum));
  }
}
