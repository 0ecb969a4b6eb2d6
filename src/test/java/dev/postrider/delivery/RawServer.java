package dev.postrider.delivery;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** A server that answers bytes with bytes, as no well-behaved receiver would. */
final class RawServer {

  static final String OK_HEAD = "HTTP/1.1 200 OK\r\nContent-Length: ";

  /** What came in, one entry per request. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  final AtomicInteger connections = new AtomicInteger();
  final CountDownLatch requested = new CountDownLatch(1);
  final CountDownLatch closed = new CountDownLatch(1);

  private final NetServer server;

  private RawServer(NetServer server) {
    this.server = server;
  }

  /** Calls back once for each request whose last bytes came in. */
  static RawServer start(Vertx vertx, BiConsumer<NetSocket, Integer> onRequest) throws Exception {
    return start(vertx, new NetServerOptions(), onRequest);
  }

  static RawServer start(
      Vertx vertx, NetServerOptions options, BiConsumer<NetSocket, Integer> onRequest)
      throws Exception {
    RawServer raw = new RawServer(vertx.createNetServer(options));
    raw.server.connectHandler(socket -> raw.connected(socket, onRequest));
    raw.server.listen(0, "127.0.0.1").await(10, TimeUnit.SECONDS);
    return raw;
  }

  private void connected(NetSocket socket, BiConsumer<NetSocket, Integer> onRequest) {
    connections.incrementAndGet();
    StringBuilder received = new StringBuilder();
    socket.exceptionHandler(failure -> {});
    socket.closeHandler(end -> closed.countDown());
    Handler<Buffer> handler =
        chunk -> {
          received.append(chunk.toString());
          String text = received.toString();
          if (text.endsWith("{\"a\": 1}")) {
            requests.add(text);
            requested.countDown();
            received.setLength(0);
            onRequest.accept(socket, requests.size());
          }
        };
    socket.handler(handler);
  }

  int port() {
    return server.actualPort();
  }

  String url() {
    return "http://receiver.test:" + port() + "/hooks?x=1";
  }
}
