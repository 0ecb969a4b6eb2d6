package dev.postrider.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A process with many polling connections that works on what it gets: most of it well, some of it
 * twice, too late, not at all or with a failure. It appends a line for each answer to a report:
 * {@code completed|refused|late|repeated|failed|handed-back <job id> <token> <status> <code>}. A
 * job's result is the token that completed it.
 */
public final class ChaosWorker {

  private static final int PAUSE_MILLIS = 100;

  private final Vertx vertx;
  private final HttpClient client;
  private final FileOutputStream report;
  private final Random random;
  private final String queue;
  private final int[] ports;

  private ChaosWorker(
      Vertx vertx, HttpClient client, FileOutputStream report, Random random, String[] arguments) {
    this.vertx = vertx;
    this.client = client;
    this.report = report;
    this.random = random;
    this.queue = arguments[2];
    this.ports = new int[arguments.length - 4];
    for (int i = 0; i < ports.length; i++) {
      ports[i] = Integer.parseInt(arguments[i + 4]);
    }
  }

  /** The answer to a call, whatever it was. */
  private record Answer(int status, JsonObject body) {

    String code() {
      return body.getString("code", "-");
    }
  }

  /** Report file, seed, queue, connections, ports of the nodes. */
  public static void main(String[] arguments) throws IOException {
    FileOutputStream report = new FileOutputStream(arguments[0], true);
    int connections = Integer.parseInt(arguments[3]);
    Random random = new Random(Long.parseLong(arguments[1]));
    Vertx vertx = Vertx.vertx();
    // Half of them wait in polls while the others report.
    PoolOptions pool = new PoolOptions().setHttp1MaxSize(2 * connections).setMaxWaitQueueSize(-1);
    vertx.runOnContext(
        start -> {
          HttpClient client = vertx.createHttpClient(pool);
          ChaosWorker worker = new ChaosWorker(vertx, client, report, random, arguments);
          for (int i = 0; i < connections; i++) {
            worker.work(i);
          }
        });
  }

  private void work(int connection) {
    JsonObject poll =
        new JsonObject()
            .put("worker", "chaos-" + ProcessHandle.current().pid() + "-" + connection)
            .put("wait", "5s")
            .put("maxTasks", 1 + random.nextInt(8));
    post("/v1/task-queues/" + queue + "/poll", poll)
        .compose(this::workOn)
        .onSuccess(done -> work(connection))
        .onFailure(failure -> vertx.setTimer(PAUSE_MILLIS, id -> work(connection)));
  }

  private Future<Void> workOn(Answer polled) {
    if (polled.status() != 200) {
      return Future.failedFuture(polled.code());
    }
    List<Future<Void>> reports = new ArrayList<>();
    for (Object task : polled.body().getJsonArray("tasks")) {
      reports.add(workOn((JsonObject) task));
    }
    return Future.join(reports).mapEmpty();
  }

  private Future<Void> workOn(JsonObject task) {
    int chance = random.nextInt(200);
    if (chance == 0) {
      tooLate(task);
      return Future.succeededFuture();
    } else if (chance == 1) {
      JsonObject failure = new JsonObject().put("type", "chance").put("message", "bad luck");
      return told("failed", task, "fail", new JsonObject().put("failure", failure));
    } else if (chance == 2) {
      return told("handed-back", task, "hand-back", new JsonObject());
    } else if (chance == 3) {
      return complete("completed", task).compose(done -> complete("repeated", task));
    }
    return complete("completed", task);
  }

  private Future<Void> complete(String what, JsonObject task) {
    return told(what, task, "complete", result(task));
  }

  private static JsonObject result(JsonObject task) {
    return new JsonObject().put("result", task.getString("token"));
  }

  /** Reports again and again until there is an answer. */
  private Future<Void> told(String what, JsonObject task, String verb, JsonObject body) {
    String token = task.getString("token");
    return post("/v1/tasks/" + token + "/" + verb, body)
        .<Void>compose(
            answer -> {
              if (answer.status() >= 500) {
                return Future.failedFuture(answer.code());
              }
              String line = answer.status() < 300 ? what : what.equals("late") ? what : "refused";
              tell(line, task, answer);
              return Future.succeededFuture();
            })
        .recover(failure -> later().compose(id -> told(what, task, verb, body)));
  }

  /** Completes under its token when the job has gone on without it. */
  private void tooLate(JsonObject task) {
    post("GET", "/v1/jobs/" + task.getString("jobId"), null)
        .map(
            job ->
                job.status() == 200
                    && (!job.body().getString("status").equals("running")
                        || job.body().getInteger("attempt") > task.getInteger("attempt")))
        .recover(failure -> Future.succeededFuture(false))
        .onSuccess(
            over -> {
              if (over) {
                told("late", task, "complete", result(task));
              } else {
                vertx.setTimer(5L * PAUSE_MILLIS, id -> tooLate(task));
              }
            });
  }

  private void tell(String what, JsonObject task, Answer answer) {
    String line =
        String.join(
            " ",
            what,
            task.getString("jobId"),
            task.getString("token"),
            Integer.toString(answer.status()),
            answer.code());
    try {
      report.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Future<Void> later() {
    return vertx.timer(PAUSE_MILLIS).mapEmpty();
  }

  private Future<Answer> post(String path, JsonObject body) {
    return post("POST", path, body.toBuffer());
  }

  private Future<Answer> post(String method, String path, Buffer body) {
    int port = ports[random.nextInt(ports.length)];
    return client
        .request(HttpMethod.valueOf(method), port, "127.0.0.1", path)
        .map(request -> request.putHeader("Content-Type", "application/json"))
        .compose(request -> body == null ? request.send() : request.send(body))
        .compose(
            response ->
                response
                    .body()
                    .map(
                        text ->
                            new Answer(
                                response.statusCode(),
                                text.length() == 0 ? new JsonObject() : text.toJsonObject())));
  }
}
