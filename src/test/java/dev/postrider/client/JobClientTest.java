package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Starting jobs, watching them and changing their course. */
@ExtendWith(RedisExtension.class)
class JobClientTest {

  record Order(String orderId, int itemCount) {}

  @Test
  void everyOptionOfAStartIsTaken(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      StartOptions options =
          StartOptions.newBuilder("type with spaces", "queue/ü")
              .id("id/with?everything&ü")
              .input(new Order("o-1", 2))
              .scheduleToCloseTimeout(Duration.ofHours(2))
              .scheduleToStartTimeout(Duration.ofHours(1))
              .startToCloseTimeout(Duration.ofMinutes(3))
              .heartbeatTimeout(Duration.ofMillis(1500))
              .retryPolicy(
                  RetryPolicy.DEFAULT
                      .withInitialInterval(Duration.ofSeconds(2))
                      .withBackoffCoefficient(1.5)
                      .withMaximumInterval(Duration.ofMinutes(1))
                      .withMaximumAttempts(7)
                      .withNonRetryableErrorTypes("a", "b")
                      .withJitter(0.25))
              .priority(Priority.DEFAULT.withPriorityKey(1).withFairness("tenant", 2.5))
              .idConflictPolicy(IdConflictPolicy.USE_EXISTING)
              .idReusePolicy(IdReusePolicy.REJECT_DUPLICATE)
              .onPayloadMismatch(PayloadMismatchPolicy.REJECT)
              .startDelay(Duration.ofMinutes(5))
              .startPaused(true)
              .searchAttributes(Map.of("Tier", "gold", "Count", 3, "Tags", List.of("x", "y")))
              .summary("one line")
              .details("more")
              .requestId("r-1")
              .build();
      JobHandle job = rig.client().start(options);
      JsonNode described = job.describe().json();

      assertThat(job.id()).isEqualTo("id/with?everything&ü");
      assertThat(described.path("type").asText()).isEqualTo("type with spaces");
      assertThat(described.path("taskQueue").asText()).isEqualTo("queue/ü");
      assertThat(described.path("input").toString())
          .isEqualTo("{\"orderId\":\"o-1\",\"itemCount\":2}");
      assertThat(described.path("status").asText()).isEqualTo("paused");
      assertThat(described.path("scheduleToCloseTimeout").asText()).isEqualTo("2h");
      assertThat(described.path("scheduleToStartTimeout").asText()).isEqualTo("1h");
      assertThat(described.path("startToCloseTimeout").asText()).isEqualTo("3m");
      assertThat(described.path("heartbeatTimeout").asText()).isEqualTo("1500ms");
      assertThat(described.path("retryPolicy").toString())
          .contains("\"maximumAttempts\":7", "\"nonRetryableErrorTypes\":[\"a\",\"b\"]");
      assertThat(described.path("priority").path("fairnessKey").asText()).isEqualTo("tenant");
      assertThat(described.path("searchAttributes").path("Tags")).hasSize(2);
      assertThat(described.path("summary").asText()).isEqualTo("one line");
      assertThat(Duration.between(job.describe().createdAt(), firstDispatch(described)))
          .isEqualTo(Duration.ofMinutes(5));
    }
  }

  private static Instant firstDispatch(JsonNode job) {
    return Instant.parse(job.path("firstDispatchAt").asText());
  }

  @Test
  void anIdIsTakenOnce(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      JobHandle first = rig.client().start(Rig.job("j-1").build());
      JobHandle existing =
          rig.client()
              .start(Rig.job("j-1").idConflictPolicy(IdConflictPolicy.USE_EXISTING).build());

      assertThatThrownBy(() -> rig.client().start(Rig.job("j-1").build()))
          .isInstanceOfSatisfying(
              JobAlreadyStartedException.class,
              refused -> assertThat(refused.runId()).isEqualTo(first.runId().orElseThrow()));
      assertThat(existing.isStarted()).isFalse();
      assertThat(existing.runId()).isEqualTo(first.runId());
    }
  }

  @Test
  void aStartWithoutIdGetsOne(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      StartOptions options =
          StartOptions.newBuilder("t", "q").startToCloseTimeout(Duration.ofSeconds(1)).build();

      assertThat(rig.client().start(options).id()).isEqualTo(options.id()).hasSize(36);
    }
  }

  @Test
  void whatIsWrongWithAStartIsToldByField(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      StartOptions none = StartOptions.newBuilder("t", "q").build();

      assertThatThrownBy(() -> rig.client().start(none))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("400 invalid_request")
          .hasMessageContaining("startToCloseTimeout");
    }
  }

  @Test
  void aResultIsWaitedForWithinATime(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());

      assertThatThrownBy(() -> job.result(Void.class, Duration.ofMillis(50)))
          .isInstanceOf(TimeoutException.class)
          .hasMessage("job j-1 is still running");
    }
  }

  @Test
  void aResultComesAsAFutureToo(RedisServer redis) throws Exception {
    try (Rig rig = Rig.start(redis)) {
      JobHandle job = rig.client().startAsync(Rig.job("j-1").build()).get(20, TimeUnit.SECONDS);
      CompletableFuture<Integer> result =
          job.async().result(Integer.class).thenApply(number -> number + job.describe().attempt());
      job.async().complete(41).get(20, TimeUnit.SECONDS);

      assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo(42);
    }
  }

  @Test
  void aJobThatIsNotThereIsToldOf(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      JobHandle none = rig.client().handle("none");

      assertThatThrownBy(none::describe).isInstanceOf(JobNotFoundException.class);
      assertThatThrownBy(() -> none.result(Void.class)).isInstanceOf(JobNotFoundException.class);
      assertThatThrownBy(() -> none.cancel(null)).isInstanceOf(JobNotFoundException.class);
    }
  }

  @Test
  void jobsAreListedOverAllPages(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      for (int i = 0; i < 120; i++) {
        rig.client().start(Rig.job("j-" + i).build());
      }
      rig.client().handle("j-7").terminate("no");

      assertThat(rig.client().list("")).hasSize(120);
      assertThat(rig.client().list("ExecutionStatus = 'Terminated'"))
          .singleElement()
          .satisfies(
              job -> {
                assertThat(job.id()).isEqualTo("j-7");
                assertThat(job.reason()).hasValue("no");
              });
    }
  }

  @Test
  void controlsChangeTheCourseOfAJob(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      JobHandle paused = rig.client().start(Rig.job("paused").startPaused(true).build());
      paused.unpause("go");
      JobHandle delayed =
          rig.client().start(Rig.job("delayed").startDelay(Duration.ofHours(1)).build());
      delayed.retryNow(null);
      JobHandle canceled = rig.client().start(Rig.job("canceled").build());
      canceled.cancel("enough");
      JobHandle again = canceled.rerun("after all");
      JobHandle deleted = rig.client().start(Rig.job("deleted").build());
      deleted.delete();

      assertThat(paused.describe().status()).isEqualTo(JobStatus.RUNNING);
      assertThat(delayed.describe().nextAttemptAt()).isEmpty();
      assertThat(canceled.describe().status()).isEqualTo(JobStatus.CANCELED);
      assertThat(again.describe().status()).isEqualTo(JobStatus.RUNNING);
      assertThat(again.runId()).isNotEqualTo(canceled.runId());
      assertThatThrownBy(deleted::describe).isInstanceOf(JobNotFoundException.class);
    }
  }

  @Test
  void pauseResetAndOptionsAreControlsToo(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      job.pause("wait");
      JobStatus paused = job.describe().status();
      job.reset(ResetOptions.DEFAULT.withKeepPaused(true).withResetHeartbeat(true), "again");
      JobStatus kept = job.describe().status();
      JobDescription updated =
          job.updateOptions(
              OptionsUpdate.newBuilder()
                  .startToCloseTimeout(Duration.ofSeconds(7))
                  .taskQueue("other")
                  .toDefault("retryPolicy")
                  .build());
      JobDescription restored = job.updateOptions(OptionsUpdate.restoreOriginal());
      job.reset(ResetOptions.DEFAULT.withJitter(Duration.ofMillis(1)), null);

      assertThat(paused).isEqualTo(JobStatus.PAUSED);
      assertThat(kept).isEqualTo(JobStatus.PAUSED);
      assertThat(updated.json().path("startToCloseTimeout").asText()).isEqualTo("7s");
      assertThat(updated.taskQueue()).isEqualTo("other");
      assertThat(updated.json().path("retryPolicy").path("initialInterval").asText())
          .isEqualTo("1s");
      assertThat(restored.taskQueue()).isEqualTo(Rig.QUEUE);
      assertThat(job.describe().status()).isEqualTo(JobStatus.RUNNING);
    }
  }

  @Test
  void namespacesAreApartAndTheMapperIsTheApplications(RedisServer redis) {
    Vertx vertx = Vertx.vertx();
    try (Rig rig = Rig.start(redis);
        JobClient other =
            JobClient.create(
                ClientOptions.newBuilder(rig.url() + "/")
                    .namespace("other")
                    .vertx(vertx)
                    .objectMapper(
                        new ObjectMapper()
                            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE))
                    .build());
        Worker worker =
            other
                .newWorker(Rig.QUEUE)
                .handle(Rig.TYPE, Order.class, (context, order) -> order)
                .start()) {
      JobHandle job = other.start(Rig.job("j-1").input(new Order("o-1", 2)).build());

      assertThat(job.result(Order.class)).isEqualTo(new Order("o-1", 2));
      assertThat(job.describe().json().path("input").toString())
          .isEqualTo("{\"order_id\":\"o-1\",\"item_count\":2}");
      assertThatThrownBy(() -> rig.client().handle("j-1").describe())
          .isInstanceOf(JobNotFoundException.class);
      assertThat(worker.name()).isNotEmpty();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  @Test
  void anEventLoopDoesNotWait(RedisServer redis) throws Exception {
    try (Rig rig = Rig.start(redis)) {
      Vertx vertx = Vertx.vertx();
      CompletableFuture<Void> refused = new CompletableFuture<>();
      vertx.runOnContext(
          go -> {
            try {
              rig.client().handle("j-1").describe();
            } catch (IllegalStateException e) {
              refused.complete(null);
            }
          });
      refused.get(20, TimeUnit.SECONDS);
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  @Test
  void urlsOfOtherSchemesAreRefused() {
    assertThatThrownBy(() -> JobClient.create("ftp://127.0.0.1"))
        .hasMessage("url must be an http or https URL: ftp://127.0.0.1");
  }
}
