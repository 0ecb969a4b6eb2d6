package dev.postrider.api;

import dev.postrider.dispatch.Jobs;
import dev.postrider.dispatch.Queues;
import dev.postrider.dispatch.Tasks;
import dev.postrider.event.JobStreams;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The API's listener on one event loop; any number of them share the port. */
public final class ApiVerticle extends VerticleBase {

  private static final Duration GRACE = Duration.ofSeconds(3);

  /** How much longer a connection may be silent than the longest wait that a call may ask for. */
  private static final int IDLE_WAITS = 2;

  private final ApiOptions options;
  private final Function<Vertx, Parts> parts;
  private @Nullable HttpServer server;
  private @Nullable ApiRouter routes;

  /**
   * What the routes of one event loop call.
   *
   * @param jobs belongs to that loop
   * @param tasks belongs to that loop
   * @param queues belongs to that loop
   * @param streams belongs to that loop
   */
  public record Parts(Jobs jobs, Tasks tasks, Queues queues, JobStreams streams) {}

  /**
   * @param parts called once on the event loop of this verticle
   */
  public ApiVerticle(ApiOptions options, Function<Vertx, Parts> parts) {
    this.options = options;
    this.parts = parts;
  }

  @Override
  public Future<?> start() {
    ApiRouter router = new ApiRouter(vertx, parts.apply(vertx), options);
    routes = router;
    return vertx
        .createHttpServer(serverOptions())
        .requestHandler(router.router())
        .invalidRequestHandler(router.guard()::refuseUndecodable)
        .listen()
        .onSuccess(listening -> server = listening);
  }

  /** Takes no new requests, lets those under way be answered, and ends streams. */
  @Override
  public Future<?> stop() {
    if (routes != null) {
      routes.closeStreams();
    }
    return server == null
        ? Future.succeededFuture()
        : server.shutdown(GRACE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The port that is listened on, once started. */
  public int port() {
    HttpServer listening = server;
    if (listening == null) {
      throw new IllegalStateException("not started");
    }
    return listening.actualPort();
  }

  private HttpServerOptions serverOptions() {
    ApiLimits limits = options.limits();
    return new HttpServerOptions()
        .setHost(options.host())
        .setPort(options.port())
        .setMaxInitialLineLength(limits.maxRequestLineBytes())
        .setMaxHeaderSize(limits.maxHeaderBytes())
        .setInitialSettings(
            new Http2Settings()
                .setMaxHeaderListSize(limits.maxHeaderBytes() + limits.maxRequestLineBytes())
                .setMaxConcurrentStreams(250))
        .setIdleTimeout(IDLE_WAITS * Math.toIntExact(limits.maxWait().toSeconds()));
  }
}
