package dev.postrider.api;

import dev.postrider.config.ManagementConfig;
import dev.postrider.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The listener for those who run the service: health and metrics. */
public final class ManagementVerticle extends VerticleBase {

  private static final String JSON = "application/json";

  private final ManagementConfig config;
  private final Metrics metrics;
  private final Map<String, BooleanSupplier> checks;
  private @Nullable HttpServer server;

  /**
   * @param checks what has to be well for this node to take work, by name; safe on any thread
   */
  public ManagementVerticle(
      ManagementConfig config, Metrics metrics, Map<String, BooleanSupplier> checks) {
    this.config = config;
    this.metrics = metrics;
    this.checks = new TreeMap<>(checks);
  }

  @Override
  public Future<?> start() {
    Router router = Router.router(vertx);
    Refusals refusals = new Refusals(path -> new TreeSet<>(Set.of("GET", "HEAD", "OPTIONS")));
    router.errorHandler(404, refusals::routeNotFound);
    router.errorHandler(405, refusals::methodNotAllowed);
    router.route().failureHandler(refusals::failed);
    router.get("/health/live").method(HttpMethod.HEAD).handler(ctx -> health(ctx, new TreeMap<>()));
    router.get("/health/ready").method(HttpMethod.HEAD).handler(ctx -> health(ctx, judged()));
    router.get("/metrics").method(HttpMethod.HEAD).handler(this::metrics);
    return vertx
        .createHttpServer(new HttpServerOptions().setHost(config.host()).setPort(config.port()))
        .requestHandler(router)
        .listen()
        .onSuccess(listening -> server = listening);
  }

  /** The port that is listened on, once started. */
  public int port() {
    HttpServer listening = server;
    if (listening == null) {
      throw new IllegalStateException("not started");
    }
    return listening.actualPort();
  }

  private Map<String, Boolean> judged() {
    Map<String, Boolean> judged = new TreeMap<>();
    checks.forEach((name, check) -> judged.put(name, check.getAsBoolean()));
    return judged;
  }

  private static void health(RoutingContext ctx, Map<String, Boolean> judged) {
    boolean up = !judged.containsValue(false);
    Buffer body =
        JsonOutput.object(
            out -> {
              out.text("status", word(up));
              out.array(
                  "checks",
                  list -> {
                    for (Map.Entry<String, Boolean> check : judged.entrySet()) {
                      list.element(
                          fields -> {
                            fields.text("id", check.getKey());
                            fields.text("status", word(check.getValue()));
                          });
                    }
                  });
            });
    new Answer(up ? 200 : 503, headers(JSON), body).send(ctx.response());
  }

  private void metrics(RoutingContext ctx) {
    String accept = ctx.request().headers().getAll("Accept").toString();
    new Answer(200, headers(metrics.contentType(accept)), Buffer.buffer(metrics.scrape(accept)))
        .send(ctx.response());
  }

  private static Map<String, String> headers(String contentType) {
    return Map.of("Content-Type", contentType, "Cache-Control", "no-store");
  }

  private static String word(boolean up) {
    return up ? "UP" : "DOWN";
  }
}
