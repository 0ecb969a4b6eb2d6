package dev.postrider.cluster;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;

/**
 * A process with many connections, each of which polls for one task after the other, and leaves
 * them. It says {@code leased <job id> <System.nanoTime()>} for each task, and what goes wrong.
 */
public final class ParkedPollers {

  /** In how many queues most of the polls are spread; one in ten is for the same one. */
  static final int QUEUES = 500;

  private final HttpClient client;
  private final int port;
  private final String wait;

  private ParkedPollers(HttpClient client, int port, String wait) {
    this.client = client;
    this.port = port;
    this.wait = wait;
  }

  /** Port, how long a poll waits, number of the first poll, number after the last. */
  public static void main(String[] arguments) {
    int first = Integer.parseInt(arguments[2]);
    int end = Integer.parseInt(arguments[3]);
    Vertx vertx = Vertx.vertx();
    HttpClientOptions options = new HttpClientOptions().setIdleTimeout(0).setKeepAliveTimeout(0);
    PoolOptions pool = new PoolOptions().setHttp1MaxSize(end - first).setMaxWaitQueueSize(-1);
    int port = Integer.parseInt(arguments[0]);
    vertx.runOnContext(
        start -> {
          ParkedPollers pollers =
              new ParkedPollers(vertx.createHttpClient(options, pool), port, arguments[1]);
          pollers.begin(vertx, first, end);
        });
  }

  /** Some in each turn of the loop. */
  private void begin(Vertx vertx, int first, int end) {
    int some = Math.min(end, first + 50);
    for (int i = first; i < some; i++) {
      poll(i);
    }
    if (some < end) {
      vertx.setTimer(20, id -> begin(vertx, some, end));
    }
  }

  /** The queue that a poll or a job of that number is for. */
  static String queue(int number) {
    return number % 10 == 0 ? "shared" : "own-" + number % QUEUES;
  }

  private void poll(int number) {
    Buffer body = new JsonObject().put("worker", "poller-" + number).put("wait", wait).toBuffer();
    String path = "/v1/task-queues/" + queue(number) + "/poll";
    client
        .request(HttpMethod.POST, port, "127.0.0.1", path)
        .map(request -> request.putHeader("Content-Type", "application/json"))
        .compose((HttpClientRequest request) -> request.send(body))
        .compose((HttpClientResponse answer) -> answer.body().map(text -> told(answer, text)))
        .onSuccess(done -> poll(number))
        .onFailure(failure -> System.out.println("failed " + failure));
  }

  private static boolean told(HttpClientResponse answer, Buffer body) {
    long now = System.nanoTime();
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(answer.statusCode() + " " + body);
    }
    for (Object task : body.toJsonObject().getJsonArray("tasks")) {
      System.out.println("leased " + ((JsonObject) task).getString("jobId") + " " + now);
    }
    return true;
  }
}
