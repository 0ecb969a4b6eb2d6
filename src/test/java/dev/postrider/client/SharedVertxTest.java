package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client of an application's own Vert.x may be used by its verticles. */
@ExtendWith(RedisExtension.class)
class SharedVertxTest {

  @Test
  void aWorkerVerticleMayWait(RedisServer redis) throws Exception {
    CompletableFuture<String> result = new CompletableFuture<>();
    Vertx vertx = Vertx.vertx();
    try (Rig rig = Rig.start(redis)) {
      ClientOptions options = ClientOptions.newBuilder(rig.url()).vertx(vertx).build();
      VerticleBase verticle =
          new VerticleBase() {
            @Override
            public Future<?> start() {
              result.complete(useClient(options));
              return Future.succeededFuture();
            }
          };
      vertx
          .deployVerticle(
              verticle, new DeploymentOptions().setThreadingModel(ThreadingModel.WORKER))
          .onFailure(result::completeExceptionally);

      assertThat(result.get(40, TimeUnit.SECONDS)).isEqualTo("done 1");
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  /** Starts a worker and a job, waits for its end, and stops the worker: all of it waits. */
  private static String useClient(ClientOptions options) {
    try (JobClient client = JobClient.create(options);
        Worker worker =
            client
                .newWorker(Rig.QUEUE)
                .handle(
                    Rig.TYPE,
                    Void.class,
                    (context, none) -> {
                      context.heartbeat("halfway");
                      return "done " + context.attempt();
                    })
                .start()) {
      assertThat(worker.name()).isNotEmpty();
      return client.start(Rig.job("j-1").build()).result(String.class) + "";
    }
  }
}
