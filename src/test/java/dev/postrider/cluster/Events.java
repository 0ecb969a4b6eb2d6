package dev.postrider.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A stream of server-sent events, as far as it has come. */
final class Events {

  private final ConcurrentLinkedQueue<String> chunks = new ConcurrentLinkedQueue<>();
  private final Promise<Void> end = Promise.promise();
  private volatile String contentType = "";

  /** One event. */
  record Frame(String id, String name, String data) {

    JsonNode json() {
      return Reply.json(data);
    }
  }

  void follow(Future<HttpClientResponse> opening) {
    opening
        .onSuccess(
            response -> {
              contentType = String.valueOf(response.getHeader("Content-Type"));
              response.handler(chunk -> chunks.add(chunk.toString()));
              response.endHandler(end::tryComplete);
              response.exceptionHandler(end::tryFail);
            })
        .onFailure(end::tryFail);
  }

  String contentType() {
    return contentType;
  }

  void awaitEnd(Duration bound) {
    HttpCalls.await(end.future(), bound);
  }

  /** The events until now; comments and {@code retry:} are left out. */
  List<Frame> frames() {
    List<Frame> frames = new ArrayList<>();
    String received = String.join("", chunks);
    String whole = received.substring(0, Math.max(0, received.lastIndexOf("\n\n")));
    for (String block : whole.split("\n\n", -1)) {
      Frame frame = frame(block);
      if (!frame.name().isEmpty()) {
        frames.add(frame);
      }
    }
    return frames;
  }

  List<String> names() {
    return frames().stream().map(Frame::name).toList();
  }

  private static Frame frame(String block) {
    String id = "";
    String name = "";
    String data = "";
    for (String line : block.split("\n", -1)) {
      int colon = line.indexOf(':');
      String value = colon < 0 ? "" : line.substring(colon + 1).strip();
      switch (colon < 0 ? line : line.substring(0, colon)) {
        case "id" -> id = value;
        case "event" -> name = value;
        case "data" -> data = value;
        default -> {}
      }
    }
    return new Frame(id, name, data);
  }
}
