package dev.postrider.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Plain HTTP calls to this machine, for test threads that may block. */
final class HttpCalls {

  private static final Duration PATIENCE = Duration.ofSeconds(75);

  private final Vertx vertx;
  private final WebClient client;
  private final HttpClient streams;

  HttpCalls(Vertx vertx) {
    this.vertx = vertx;
    this.streams = vertx.createHttpClient();
    WebClientOptions options = new WebClientOptions().setFollowRedirects(false);
    this.client = WebClient.create(vertx, options, new PoolOptions().setHttp1MaxSize(256));
  }

  Vertx vertx() {
    return vertx;
  }

  /** Sends without waiting. */
  Future<Reply> send(String method, int port, String path, @Nullable String json) {
    HttpRequest<Buffer> request =
        client
            .request(HttpMethod.valueOf(method), port, "127.0.0.1", path)
            .timeout(PATIENCE.toMillis());
    Future<HttpResponse<Buffer>> response =
        json == null
            ? request.send()
            : request.putHeader("Content-Type", "application/json").sendBuffer(Buffer.buffer(json));
    return response.map(Reply::of);
  }

  /**
   * Sends and waits for the answer.
   *
   * @throws UncheckedIOException if none comes
   */
  Reply call(String method, int port, String path, @Nullable String json) {
    return await(send(method, port, path, json), PATIENCE.plusSeconds(5));
  }

  /** Opens a stream of server-sent events. */
  Events listen(int port, String path) {
    Events events = new Events();
    events.follow(
        streams.request(HttpMethod.GET, port, "127.0.0.1", path).compose(HttpClientRequest::send));
    return events;
  }

  /**
   * Waits for what is under way.
   *
   * @throws UncheckedIOException if it fails or takes longer
   */
  static <T> T await(Future<T> future, Duration bound) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new UncheckedIOException(new IOException(e.getCause()));
    } catch (TimeoutException e) {
      throw new UncheckedIOException(new IOException("no answer within " + bound, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
