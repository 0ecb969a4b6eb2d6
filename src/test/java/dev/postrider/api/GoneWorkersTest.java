package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.LeaseRequest;
import dev.postrider.testing.Await;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Workers that go while they poll: what was meant for them is the next one's, at no cost. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class GoneWorkersTest {

  private static final int PLACES = 20;
  private static final String POLL = "/v1/task-queues/q/poll";

  private LiveApi live;
  private ApiClient client;

  @BeforeEach
  void start(Vertx vertx, RedisServer redis) throws Exception {
    live = LiveApi.start(vertx, redis, 1, PLACES);
    client = live.client();
  }

  @Test
  void aParkedPollEndsWithItsConnection() throws Exception {
    Socket worker = polling(1);
    Await.until("a parked poll", () -> live.freePolls() == PLACES - 1);
    worker.close();
    Await.until("no parked poll", () -> live.freePolls() == PLACES);

    job("a", "");

    assertAllAreThere(1);
  }

  /** Its end and the tasks come in together: what cannot be sent is handed back at once. */
  @Test
  void theTasksOfAWorkerThatLeavesAsTheyComeAreHandedBack() throws Exception {
    for (int i = 0; i < 50; i++) {
      Socket worker = polling(1);
      Await.until("a parked poll", () -> live.freePolls() == PLACES - 1);
      if (i % 2 == 1) {
        worker.setSoLinger(true, 0);
      }
      worker.close();
      job("a" + i, "");

      HttpAnswer polled = client.post(POLL, "{\"worker\":\"w2\",\"wait\":\"10s\"}");
      assertThat(polled.json().at("/tasks/0/jobId").asText()).isEqualTo("a" + i);
      assertThat(polled.json().at("/tasks/0/attempt").asInt()).isEqualTo(1);
      Await.until("no parked poll", () -> live.freePolls() == PLACES);
    }
  }

  @Test
  void anAnswerOfWhichNotAllCouldBeSentIsTakenBack() throws Exception {
    int jobs = 16;
    String input = "\"" + "x".repeat(1_000_000) + "\"";
    for (int i = 0; i < jobs; i++) {
      job("a" + i, ",\"input\":" + input);
    }
    Socket worker = polling(jobs);
    Await.until(
        "leased tasks",
        () -> client.get("/v1/jobs/a0").json().path("runState").asText().equals("started"));
    worker.close();

    assertAllAreThere(jobs);
  }

  @Test
  void tasksOfAnAnswerThatCannotBeWrittenAreHandedBack(Vertx vertx) {
    job("a", "");
    HttpServer server =
        live.await(
            () ->
                vertx.createHttpServer().requestHandler(this::answerBadly).listen(0, "127.0.0.1"));
    HttpAnswer answer =
        new ApiClient(server.actualPort())
            .raw("POST / HTTP/1.1\nHost: h\nConnection: close\nContent-Length: 0\n\n");

    assertThat(answer.status()).isEqualTo(500);
    assertAllAreThere(1);
  }

  private void answerBadly(HttpServerRequest request) {
    LeaseRequest lease = new LeaseRequest(new TaskQueue("default", "q"), 1, "w", false);
    PollAnswers.answer(
            new Exchange(request, RequestPath.parse("/")),
            live.tasks().poll(lease, Duration.ofSeconds(10)),
            (out, found) -> {
              assertThat(found.tasks()).hasSize(1);
              throw new IOException("this cannot be written");
            })
        .onFailure(unwritten -> request.response().setStatusCode(500).end());
  }

  private void assertAllAreThere(int jobs) {
    List<JsonNode> tasks = new ArrayList<>();
    Await.until(
        "all tasks",
        () -> {
          HttpAnswer polled =
              client.post(POLL, "{\"worker\":\"w2\",\"wait\":\"1s\",\"maxTasks\":" + jobs + "}");
          polled.json().path("tasks").forEach(tasks::add);
          return tasks.size() == jobs;
        });
    tasks.forEach(task -> assertThat(task.path("attempt").asInt()).isEqualTo(1));
    assertThat(tasks.stream().map(task -> task.path("jobId").asText())).doesNotHaveDuplicates();
  }

  /** A worker that has sent its poll and reads nothing, with little room for what comes. */
  private Socket polling(int maxTasks) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), client.port()));
    String body = "{\"worker\":\"w\",\"wait\":\"60s\",\"maxTasks\":" + maxTasks + "}";
    String request =
        "POST " + POLL + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n";
    socket.getOutputStream().write((request + body).getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private void job(String id, String more) {
    HttpAnswer started =
        client.post(
            "/v1/jobs",
            "{\"id\":\""
                + id
                + "\",\"type\":\"t\",\"taskQueue\":\"q\",\"startToCloseTimeout\":\"1h\""
                + more
                + "}");
    assertThat(started.status()).as(started.body()).isEqualTo(201);
  }
}
