package dev.postrider.receiver;

import dev.postrider.receiver.Behaviour.Answer;
import dev.postrider.receiver.Behaviour.Body;
import dev.postrider.receiver.Behaviour.Close;
import dev.postrider.receiver.Behaviour.Ending;
import dev.postrider.receiver.Behaviour.Hang;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A webhook receiver over HTTP. Deploy one instance: its state belongs to its event loop.
 *
 * <p>{@code POST /hooks} takes deliveries, {@code GET /_received} tells what came in, {@code POST
 * /_reset /_rate_limit /_behave} change how it answers, {@code /} is a page.
 */
public final class ReceiverVerticle extends VerticleBase {

  /** Above what a sender may put into its headers. */
  private static final int MAX_HEADER_BYTES = 64 << 10;

  private final ReceiverOptions options;
  private final InstantSource instants;
  private final LongSupplier nanos;
  private final ReceiverState state;
  private @Nullable HttpServer server;

  /** A receiver with the default limits. Port 0 takes any free port. */
  public ReceiverVerticle(String host, int port) {
    this(
        new ReceiverOptions(host, port, ReceiverOptions.Limits.DEFAULT),
        InstantSource.system(),
        System::nanoTime);
  }

  ReceiverVerticle(ReceiverOptions options, InstantSource instants, LongSupplier nanos) {
    this.options = options;
    this.instants = instants;
    this.nanos = nanos;
    this.state = new ReceiverState(options.limits());
  }

  @Override
  public Future<?> start() {
    HttpServerOptions http =
        new HttpServerOptions()
            .setHost(options.host())
            .setPort(options.port())
            .setMaxHeaderSize(MAX_HEADER_BYTES);
    HttpServer created = vertx.createHttpServer(http).requestHandler(router());
    server = created;
    return created.listen();
  }

  @Override
  public Future<?> stop() {
    return server == null ? Future.succeededFuture() : server.close();
  }

  /** The port it listens on, once it is deployed. */
  public int port() {
    if (server == null) {
      throw new IllegalStateException("the receiver is not deployed");
    }
    return server.actualPort();
  }

  private Router router() {
    Router router = Router.router(vertx);
    router.post("/hooks").handler(context -> read(context, this::hook));
    router.get("/_received").handler(this::received);
    router.post("/_reset").handler(this::reset);
    router.post("/_rate_limit").handler(this::rateLimit);
    router.post("/_behave").handler(context -> read(context, this::behave));
    router.get("/").handler(this::page);
    router.errorHandler(404, context -> refuse(context, 404, "there is no such path"));
    router.errorHandler(405, context -> refuse(context, 405, "the path takes another method"));
    router.route().failureHandler(ReceiverVerticle::failed);
    return router;
  }

  /**
   * Reads the body as it is, up to the limit, whatever type it says it has: what a form-minded body
   * handler would take apart, such as the {@code -d} of curl, is JSON here.
   */
  private void read(RoutingContext context, BiConsumer<RoutingContext, Buffer> action) {
    Buffer body = Buffer.buffer();
    int limit = options.limits().bodyBytes();
    HttpServerRequest request = context.request();
    request.handler(
        chunk -> {
          if (body.length() + (long) chunk.length() > limit) {
            request.handler(null).endHandler(null);
            context.response().putHeader("Connection", "close");
            refuse(context, 413, "the body is larger than " + limit + " bytes");
          } else {
            body.appendBuffer(chunk);
          }
        });
    request.endHandler(
        end -> {
          try {
            action.accept(context, body);
          } catch (InvalidRequest e) {
            refuse(context, 400, e.getMessage());
          }
        });
  }

  private void hook(RoutingContext context, Buffer body) {
    ReceivedDelivery delivery = delivery(context, body);
    Reception reception = state.arrive(delivery, nanos.getAsLong());
    if (reception instanceof Reception.Scripted scripted) {
      later(scripted.behaviour(), () -> obey(context, delivery, scripted));
    } else if (reception instanceof Reception.Taken taken) {
      answer(context, taken);
    } else {
      json(context, 429, new JsonObject().put("status", "rate_limited"));
    }
  }

  private ReceivedDelivery delivery(RoutingContext context, Buffer body) {
    String key = context.request().getHeader("Idempotency-Key");
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    context.request().headers().forEach(h -> headers.add(Map.entry(h.getKey(), h.getValue())));
    return new ReceivedDelivery(instants.instant(), JsonText.of(body), key, headers);
  }

  private void later(Behaviour behaviour, Runnable action) {
    long delay = behaviour.delay().toMillis();
    if (delay == 0) {
      action.run();
    } else {
      vertx.setTimer(delay, timer -> action.run());
    }
  }

  private void obey(
      RoutingContext context, ReceivedDelivery delivery, Reception.Scripted scripted) {
    Ending ending = scripted.behaviour().ending();
    Reception.Taken taken = scripted.taken();
    if (ending instanceof Close) {
      context.request().connection().close();
    } else if (ending instanceof Answer answer) {
      answer(context, answer, taken);
    } else if (!(ending instanceof Hang)) {
      answer(context, taken == null ? state.take(delivery) : taken);
    }
  }

  private static void answer(RoutingContext context, Reception.Taken taken) {
    json(context, 200, ok().put("deduped", taken.deduped()));
  }

  private static void answer(
      RoutingContext context, Answer answer, Reception.@Nullable Taken taken) {
    if (answer.retryAfter() != null) {
      context.response().putHeader("Retry-After", answer.retryAfter());
    }
    Body body = answer.body();
    if (answer.status() == 204 || answer.status() == 304) {
      context.response().setStatusCode(answer.status()).end();
    } else if (body != null) {
      text(context, answer.status(), body.contentType(), body.text());
    } else if (answer.status() < 300) {
      boolean deduped = taken != null && taken.deduped();
      json(context, answer.status(), ok().put("deduped", deduped));
    } else {
      json(context, answer.status(), new JsonObject().put("status", "error"));
    }
  }

  private void received(RoutingContext context) {
    text(context, 200, "application/json", ReceivedReport.of(state));
  }

  private void reset(RoutingContext context) {
    state.reset();
    json(context, 200, ok());
  }

  private void rateLimit(RoutingContext context) {
    List<String> values = context.queryParam("limit");
    double limit = values.size() == 1 ? number(values.get(0)) : -1;
    if (!(limit >= 0) || limit > 1e9) {
      throw new InvalidRequest("limit must be a number of requests a second, 0 for none");
    }
    state.limit(limit, nanos.getAsLong());
    context
        .response()
        .putHeader("Content-Type", "application/json")
        .end("{\"status\":\"ok\",\"rate_limit\":" + ReceivedReport.rate(limit) + "}");
  }

  private static double number(String text) {
    try {
      return text.matches("[0-9]{1,12}(\\.[0-9]{1,12})?") ? Double.parseDouble(text) : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private void behave(RoutingContext context, Buffer body) {
    Behaviour behaviour = BehaviourParser.parse(JsonText.of(body));
    if (!state.script(behaviour)) {
      throw new InvalidRequest(
          "no more than " + options.limits().behaviours() + " behaviours may wait");
    }
    json(context, 200, ok().put("behaviours", state.behaviours()));
  }

  private void page(RoutingContext context) {
    context
        .response()
        .putHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        .putHeader("X-Content-Type-Options", "nosniff");
    text(context, 200, "text/html; charset=utf-8", ReceiverPage.of(state));
  }

  private static void failed(RoutingContext context) {
    if (context.failure() instanceof InvalidRequest invalid) {
      refuse(context, 400, invalid.getMessage());
    } else {
      context.next();
    }
  }

  private static void refuse(RoutingContext context, int status, @Nullable String message) {
    json(context, status, new JsonObject().put("status", "error").put("message", message));
  }

  private static JsonObject ok() {
    return new JsonObject().put("status", "ok");
  }

  private static void json(RoutingContext context, int status, JsonObject body) {
    text(context, status, "application/json", body.encode());
  }

  private static void text(RoutingContext context, int status, String type, String body) {
    HttpServerResponse response = context.response();
    if (!response.closed() && !response.ended()) {
      response.setStatusCode(status).putHeader("Content-Type", type).end(body);
    }
  }
}
