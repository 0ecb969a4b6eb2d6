package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Workers and nodes are killed at random; every job is completed once. */
@Tag("process")
class ChaosIT {

  private static final Duration LONG = Duration.ofMinutes(4);
  private static final String QUEUE = "chaos";
  private static final int BATCH = 500;

  @RegisterExtension final Site site = Site.ofTest();

  private final Random random =
      new Random(Long.getLong("seed", ThreadLocalRandom.current().nextLong()));
  private final List<ServiceProcess> nodes = new ArrayList<>();
  private final List<ChildProcess> workers = new ArrayList<>();
  private int files;
  private String lookedUpTo = "";
  private final ChaosReport report = new ChaosReport();

  /**
   * How much of it.
   *
   * @param jobs how many jobs
   * @param processes of workers
   * @param connections of each, all of which poll
   * @param kills how many processes die, in turn a worker and a node
   */
  private record Size(int jobs, int processes, int connections, int kills) {}

  @Test
  void noneOfAFewThousandJobsIsLostOrCompletedTwice() {
    run(new Size(3_000, 2, 50, 2));
  }

  @Test
  @Tag("drill")
  @Timeout(300)
  void noneOfAHundredThousandJobsIsLostOrCompletedTwice() {
    run(new Size(100_000, 4, 250, 12));
  }

  private void run(Size size) {
    nodes.add(site.service());
    nodes.add(site.service("redis.url=" + nodes.get(0).redisUrl()));
    for (int i = 0; i < size.processes(); i++) {
      workers.add(worker(size));
    }
    long begun = System.nanoTime();
    int batches = size.jobs() / BATCH;
    Load starts = site.keep(Load.start(batches, 2, this::startBatch));
    for (int kill = 1; kill <= size.kills(); kill++) {
      int enough = size.jobs() * kill / (size.kills() + 2);
      Await.until("some are completed", LONG, () -> report.read().completed() >= enough);
      if (kill % 2 == 1) {
        int victim = random.nextInt(workers.size());
        workers.get(victim).kill();
        workers.set(victim, worker(size));
      } else {
        ServiceProcess victim = nodes.get(random.nextInt(nodes.size()));
        victim.kill();
        victim.startAgain().awaitReady();
      }
    }
    starts.awaitEnd(LONG);
    assertThat(starts.statuses().keySet()).containsExactly(200);
    Api api = nodes.get(0).api();
    Await.until("no job is open", LONG, () -> isNoneOpen(api));
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    Await.until("late reports were refused", LONG, () -> report.read().count("late") > 0);

    judge(size, took);
  }

  private void judge(Size size, Duration took) {
    report.read();
    Api api = nodes.get(0).api();
    Map<String, JsonNode> completed = new HashMap<>();
    Batches.each(
        api,
        "Completed",
        job -> assertThat(completed.put(job.at("/id").asText(), job)).as("%s", job).isNull());
    assertThat(completed).as("none is lost").hasSize(size.jobs());
    assertThat(report.count("late 200")).as("stale completions: %s", report.counts()).isZero();
    assertThat(report.count("late")).isEqualTo(report.count("late 409 lease_lost"));
    assertThat(report.count("completed")).isEqualTo(report.count("completed 200"));

    List<String> troubled =
        completed.values().stream()
            .filter(job -> job.at("/attempt").asInt() > 1 || job.at("/leaseLosses").asInt() > 0)
            .map(job -> job.at("/id").asText())
            .toList();
    int losses = 0;
    for (JsonNode job : Batches.described(api, troubled)) {
      losses += job.at("/leaseLosses").asInt();
      assertThat(job.at("/attempts").findValuesAsText("outcome"))
          .as("%s", job)
          .containsOnlyOnce("completed");
      String token = report.token(job.at("/id").asText());
      assertThat(token == null || token.equals(job.at("/result").asText()))
          .as("completed as it was said to the worker: %s", job)
          .isTrue();
    }
    System.out.printf(
        "%d jobs, %d polling connections, %d processes killed: completed in %d s; %d jobs tried"
            + " again, %d leases lost; %s%n",
        size.jobs(),
        size.processes() * size.connections(),
        size.kills(),
        took.toSeconds(),
        troubled.size(),
        losses,
        report.counts());
  }

  /** Goes on where the last look found an open job: what was started later is closed. */
  private boolean isNoneOpen(Api api) {
    while (true) {
      String query = "/v1/jobs?pageSize=1&query=ExecutionStatus%20%3D%20'Running'";
      Reply page = api.get(query + (lookedUpTo.isEmpty() ? "" : "&pageToken=" + lookedUpTo));
      if (page.status() != 200 || !page.json().at("/jobs").isEmpty()) {
        return false;
      }
      lookedUpTo = page.text("/nextPageToken");
      if (lookedUpTo.isEmpty()) {
        return true;
      }
    }
  }

  private ChildProcess worker(Size size) {
    Path file = site.directory().resolve("report-" + ++files);
    report.add(file);
    List<String> arguments = new ArrayList<>();
    arguments.add(file.toString());
    arguments.add(Long.toString(random.nextLong()));
    arguments.add(QUEUE);
    arguments.add(Integer.toString(size.connections()));
    nodes.forEach(node -> arguments.add(Integer.toString(node.port())));
    return site.keep(ChildProcess.main(ChaosWorker.class, site.directory(), arguments));
  }

  /** Repeats a batch whose answer was lost: its request ids tell what has been started. */
  private Reply startBatch(int batch) {
    StringBuilder jobs = new StringBuilder();
    for (int i = batch * BATCH; i < (batch + 1) * BATCH; i++) {
      jobs.append(jobs.isEmpty() ? "" : ",")
          .append(
              ("{'id':'chaos-%d','requestId':'r-%d','type':'toil','taskQueue':'%s',"
                      + "'startToCloseTimeout':'1m','heartbeatTimeout':'4s',"
                      + "'retryPolicy':{'initialInterval':'50ms'}}")
                  .formatted(i, i, QUEUE));
    }
    return Await.until(
        "batch " + batch + " is started",
        LONG,
        () ->
            HttpCalls.await(
                nodes
                    .get(batch % nodes.size())
                    .api()
                    .send("/v1/jobs/batch", "{'jobs':[" + jobs + "]}"),
                Duration.ofSeconds(30)),
        reply -> isStarted(reply));
  }

  private static boolean isStarted(Reply reply) {
    if (reply.status() != 200) {
      return false;
    }
    for (JsonNode result : reply.json().at("/results")) {
      if (result.at("/status").asInt() / 100 != 2) {
        return false;
      }
    }
    return true;
  }
}
