package dev.postrider.testing;

import dev.postrider.Server;
import dev.postrider.config.PostriderConfig;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A whole Postrider on free ports over the tests' Redis, called over HTTP as its users do. */
public final class TestServer implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Server server;

  private TestServer(Server server) {
    this.server = server;
  }

  /** Starts one; {@code settings} as on the command line: {@code delivery.maxInFlight=8}. */
  public static TestServer start(RedisServer redis, String... settings) {
    Server server = new Server(config("redis.url=" + redis.url(), settings));
    try {
      server.start();
    } catch (RuntimeException e) {
      server.stop();
      throw e;
    }
    return new TestServer(server);
  }

  /** Settings of a server of a test, on free ports unless told otherwise. */
  public static PostriderConfig config(String first, String... settings) {
    List<String> all = new ArrayList<>(List.of("http.port=0", "management.port=0", first));
    all.addAll(List.of(settings));
    return PostriderConfig.load(Optional.empty(), Map.of(), all);
  }

  /** What was answered. */
  public record Answer(int status, JsonObject body) {}

  /** Where its API is. */
  public String url() {
    return server.url();
  }

  public Answer get(String path) {
    return call(server.url() + path, "GET", null);
  }

  public Answer post(String path, JsonObject body) {
    return call(server.url() + path, "POST", body);
  }

  public Answer manage(String path) {
    return call(server.managementUrl() + path, "GET", null);
  }

  /** Calls any URL with JSON. */
  public static Answer call(String url, String method, JsonObject body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(70))
            .header("Content-Type", "application/json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.encode()))
            .build();
    try {
      HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      String text = answer.body();
      return new Answer(
          answer.statusCode(), text.startsWith("{") ? new JsonObject(text) : new JsonObject());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The value of a metric without labels. */
  public double gauge(String name) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.managementUrl() + "/metrics")).build();
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.ofLines())
          .body()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop();
  }
}
