package dev.postrider.timer;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopTest {
  private static final Duration AGES = Duration.ofHours(1);

  private final BlockingQueue<Promise<Duration>> passes = new LinkedBlockingQueue<>();
  private Vertx vertx;
  private Loop loop;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    loop =
        new Loop(
            vertx,
            new Duty() {
              @Override
              public String name() {
                return "test";
              }

              @Override
              public Future<Duration> run() {
                Promise<Duration> pass = Promise.promise();
                passes.add(pass);
                return pass.future();
              }
            });
    loop.start();
  }

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void aPassThatLeftMoreIsFollowedByTheNextAtOnce() throws Exception {
    pass().complete(Duration.ZERO);

    assertThat(pass()).isNotNull();
  }

  @Test
  void wakeBy_whileItRests_shortensTheRest() throws Exception {
    pass().complete(AGES);
    loop.wakeBy(Duration.ofMillis(5));

    assertThat(pass()).isNotNull();
  }

  @Test
  void wakeBy_duringAPass_isNotForgotten() throws Exception {
    Promise<Duration> first = pass();
    loop.wakeBy(Duration.ofMillis(5));
    first.complete(AGES);

    assertThat(pass()).isNotNull();
  }

  @Test
  void wakeBy_laterThanTheRest_changesNothing() throws Exception {
    pass().complete(Duration.ofMillis(5));
    loop.wakeBy(AGES);

    assertThat(pass()).isNotNull();
  }

  @Test
  void aPassNeverStartsWhileAnotherRuns() throws Exception {
    Promise<Duration> first = pass();
    loop.wakeBy(Duration.ZERO);
    loop.start();
    settle();

    assertThat(passes).isEmpty();
    first.complete(AGES);
    assertThat(pass()).isNotNull();
  }

  @Test
  void aFailedPassIsFollowedByAnother() throws Exception {
    pass().fail("the store is away");

    assertThat(pass()).isNotNull();
  }

  @Test
  void stop_waitsForTheRunningPassAndMakesNoOther() throws Exception {
    Promise<Duration> first = pass();
    Future<Void> stopped = loop.stop();
    settle();

    assertThat(stopped.isComplete()).isFalse();
    first.complete(Duration.ZERO);
    stopped.await(30, TimeUnit.SECONDS);
    loop.wakeBy(Duration.ZERO);
    settle();
    assertThat(passes).isEmpty();
  }

  @Test
  void stop_whileItRests_isDoneAtOnce() throws Exception {
    pass().complete(AGES);
    loop.stop().await(30, TimeUnit.SECONDS);

    assertThat(passes).isEmpty();
  }

  private Promise<Duration> pass() throws InterruptedException {
    return passes.poll(30, TimeUnit.SECONDS);
  }

  /** Lets everything that was handed to the event loops run. */
  private void settle() throws Exception {
    for (int i = 0; i < 3; i++) {
      Promise<Void> turn = Promise.promise();
      vertx.setTimer(2, id -> turn.complete());
      turn.future().await(30, TimeUnit.SECONDS);
    }
  }
}
