package dev.postrider.client;

import dev.postrider.testing.RedisServer;
import dev.postrider.testing.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;

/** A whole Postrider and a client of it. */
final class Rig implements AutoCloseable {
  static final String QUEUE = "mail";
  static final String TYPE = "send-email";

  private final RedisServer redis;
  private final String[] settings;
  private TestServer server;
  private final JobClient client;

  private Rig(RedisServer redis, String... settings) {
    this.redis = redis;
    this.settings = settings;
    this.server = TestServer.start(redis, settings);
    this.client = JobClient.create(server.url());
  }

  static Rig start(RedisServer redis, String... settings) {
    return new Rig(redis, settings);
  }

  /** One whose service can be stopped and started again at the same address. */
  static Rig restartable(RedisServer redis) {
    return new Rig(redis, "http.port=" + freePort());
  }

  private static int freePort() {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JobClient client() {
    return client;
  }

  String url() {
    return server.url();
  }

  void stopService() {
    server.close();
  }

  void startService() {
    server = TestServer.start(redis, settings);
  }

  /** A job that is tried again at once. */
  static StartOptions.Builder job(String id) {
    return StartOptions.newBuilder(TYPE, QUEUE)
        .id(id)
        .startToCloseTimeout(Duration.ofMinutes(1))
        .retryPolicy(RetryPolicy.DEFAULT.withInitialInterval(Duration.ofMillis(20)));
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
