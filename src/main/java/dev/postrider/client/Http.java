package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the service: each call is made once, and its answer is JSON or a {@link
 * PostriderException}.
 */
final class Http {
  /** Between the service's own wait and the end of this side's patience with one answer. */
  private static final Duration GRACE = Duration.ofSeconds(15);

  private static final int CONNECT_TIMEOUT_MS = 5_000;
  private static final int KEEP_ALIVE_SECONDS = 30;

  private final WebClient client;
  private final Context loop;
  private final boolean tls;
  private final String host;
  private final int port;
  private final String base;

  /**
   * @param connections how many calls may be under way at once; others wait
   */
  Http(Vertx vertx, ClientOptions options, int connections) {
    URI url = options.url;
    this.loop = Loops.create(vertx);
    this.tls = "https".equals(url.getScheme());
    this.host = url.getHost();
    this.port = url.getPort() > 0 ? url.getPort() : tls ? 443 : 80;
    String path = url.getRawPath() == null ? "" : url.getRawPath();
    this.base = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    WebClientOptions http =
        new WebClientOptions(options.http)
            .setConnectTimeout(CONNECT_TIMEOUT_MS)
            .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
            .setFollowRedirects(false);
    this.client = WebClient.create(vertx, http, new PoolOptions().setHttp1MaxSize(connections));
  }

  /** One call that is answered at once. */
  Future<JsonNode> call(HttpMethod method, String path, @Nullable ObjectNode body) {
    return call(method, path, body, Duration.ZERO);
  }

  /**
   * One call. Answered on the caller's event loop, or else on one of its own.
   *
   * @param wait how long the service may take before it begins to answer
   */
  Future<JsonNode> call(HttpMethod method, String path, @Nullable ObjectNode body, Duration wait) {
    if (!Loops.callerMayBlock()) {
      return send(method, path, body, wait);
    }
    Promise<JsonNode> answered = Promise.promise();
    loop.runOnContext(
        go ->
            Future.succeededFuture()
                .compose(ignored -> send(method, path, body, wait))
                .onComplete(answered));
    return answered.future();
  }

  private Future<JsonNode> send(
      HttpMethod method, String path, @Nullable ObjectNode body, Duration wait) {
    HttpRequest<Buffer> request =
        client
            .request(method, port, host, base + path)
            .ssl(tls)
            .timeout(wait.plus(GRACE).toMillis());
    Future<HttpResponse<Buffer>> sent;
    if (body == null) {
      sent = request.send();
    } else {
      sent = request.putHeader("Content-Type", "application/json").sendBuffer(Json.bytes(body));
    }
    return sent.recover(cause -> Future.failedFuture(unreachable(cause))).compose(this::read);
  }

  /** Breaks off what is under way. */
  void close() {
    client.close();
  }

  private Future<JsonNode> read(HttpResponse<Buffer> answer) {
    int status = answer.statusCode();
    JsonNode body;
    try {
      body = Json.parse(answer.body());
    } catch (IOException e) {
      if (status >= 200 && status < 300) {
        return Future.failedFuture(unreachable(e));
      }
      body = Json.object();
    }
    return status >= 200 && status < 300
        ? Future.succeededFuture(body)
        : Future.failedFuture(ProblemException.of(status, body, retryAfter(answer)));
  }

  private ServiceUnavailableException unreachable(Throwable cause) {
    return new ServiceUnavailableException(
        "no answer from " + (tls ? "https://" : "http://") + host + ":" + port + ": " + cause,
        cause);
  }

  private static @Nullable Duration retryAfter(HttpResponse<Buffer> answer) {
    String seconds = answer.getHeader("Retry-After");
    return seconds != null && seconds.matches("[0-9]{1,6}")
        ? Duration.ofSeconds(Long.parseLong(seconds))
        : null;
  }
}
