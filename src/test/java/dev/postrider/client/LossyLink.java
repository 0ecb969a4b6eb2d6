package dev.postrider.client;

import dev.postrider.testing.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;

/** A link to a service that can lose an answer: the request arrives, and then the link breaks. */
final class LossyLink implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final URI service;
  private final AtomicReference<String> doomed = new AtomicReference<>("");
  private NetServer server;

  private LossyLink(String service) {
    this.service = URI.create(service);
  }

  static LossyLink to(String service) {
    LossyLink link = new LossyLink(service);
    link.server =
        await(link.vertx.createNetServer().connectHandler(link::connect).listen(0, "127.0.0.1"));
    return link;
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  /** Loses the next answer to a request that contains a text. */
  void loseAnswerTo(String text) {
    doomed.set(text);
  }

  /** Whether an answer has been lost since. */
  boolean hasLost() {
    return doomed.get().isEmpty();
  }

  private void connect(NetSocket client) {
    client.pause();
    vertx
        .createNetClient()
        .connect(service.getPort(), service.getHost())
        .onSuccess(
            upstream -> {
              Pair pair = new Pair(client, upstream);
              client.handler(pair::request);
              upstream.handler(pair::answer);
              client.closeHandler(closed -> upstream.close());
              upstream.closeHandler(closed -> client.close());
              client.resume();
            })
        .onFailure(cause -> client.close());
  }

  /** Both ends of one connection. */
  private final class Pair {
    private final NetSocket client;
    private final NetSocket upstream;
    private boolean lost;

    Pair(NetSocket client, NetSocket upstream) {
      this.client = client;
      this.upstream = upstream;
    }

    void request(Buffer bytes) {
      String text = doomed.get();
      lost |= !text.isEmpty() && bytes.toString().contains(text) && doomed.compareAndSet(text, "");
      upstream.write(bytes);
    }

    void answer(Buffer bytes) {
      if (lost) {
        client.close();
      } else {
        client.write(bytes);
      }
    }
  }

  @Override
  public void close() {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    Await.until("done", future::isComplete);
    return future.result();
  }
}
