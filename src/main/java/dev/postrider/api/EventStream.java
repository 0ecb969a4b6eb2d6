package dev.postrider.api;

import dev.postrider.event.JobStream;
import dev.postrider.event.StreamFrame;
import dev.postrider.event.StreamSink;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One open response of server-sent events. */
final class EventStream implements StreamSink {

  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  private static final long KEEP_ALIVE_MS = 15_000;
  private static final int MAX_QUEUED_BYTES = 256 << 10;
  private static final String RETRY = "retry: 1000\n\n";
  private static final String KEEP_ALIVE = ": keep-alive\n\n";
  private static final String DROPPED = "event: dropped\ndata: {\"reason\":\"slow\"}\n\n";

  private final Vertx vertx;
  private final HttpServerResponse response;
  private final JobStream stream;
  private final long keepAlive;
  private Runnable onClosed = () -> {};
  private boolean closed;
  private int queuedBytes;
  private int maxQueuedBytes = MAX_QUEUED_BYTES;

  EventStream(Vertx vertx, HttpServerResponse response, JobStream stream) {
    this.vertx = vertx;
    this.response = response;
    this.stream = stream;
    this.keepAlive = vertx.setPeriodic(KEEP_ALIVE_MS, id -> write(Buffer.buffer(KEEP_ALIVE)));
  }

  static HttpServerResponse head(HttpServerResponse response) {
    return response
        .setStatusCode(200)
        .putHeader("Content-Type", "text/event-stream; charset=utf-8")
        .putHeader("Cache-Control", "no-store")
        .putHeader("X-Accel-Buffering", "no");
  }

  void onClosed(Runnable action) {
    onClosed = action;
  }

  void start() {
    head(response).setChunked(true);
    response.closeHandler(gone -> over());
    response.exceptionHandler(gone -> over());
    response.write(RETRY);
    stream.start(this);
  }

  @Override
  public void send(StreamFrame frame) {
    if (frame instanceof StreamFrame.Broken broken) {
      LOG.info("stream.broken", broken.cause());
      close();
      return;
    }
    Buffer encoded = encode(frame);
    if (frame instanceof StreamFrame.Snapshot) {
      // One that is long is no reason to call its reader slow.
      maxQueuedBytes = MAX_QUEUED_BYTES + encoded.length();
    }
    write(encoded);
    if (frame instanceof StreamFrame.End) {
      close();
    }
  }

  @Override
  public Future<Void> ready() {
    if (closed || !response.writeQueueFull()) {
      return Future.succeededFuture();
    }
    Promise<Void> drained = Promise.promise();
    response.drainHandler(drained::tryComplete);
    response.endHandler(drained::tryComplete);
    return drained.future();
  }

  private void write(Buffer frame) {
    if (closed) {
      return;
    }
    if (queuedBytes > maxQueuedBytes) {
      // It would keep what happens in the node's memory for as long as it likes.
      response.write(DROPPED);
      close();
      return;
    }
    int length = frame.length();
    queuedBytes += length;
    response.write(frame).onComplete(written -> queuedBytes -= length);
  }

  /** Ends the response, too. */
  void close() {
    if (!closed) {
      over();
      response.end();
    }
  }

  private void over() {
    if (!closed) {
      closed = true;
      vertx.cancelTimer(keepAlive);
      stream.close();
      onClosed.run();
    }
  }

  private static Buffer encode(StreamFrame frame) {
    if (frame instanceof StreamFrame.Snapshot snapshot) {
      Buffer data = JsonOutput.object(out -> JobJson.write(out, snapshot.job()));
      return event(frame, "snapshot", data);
    }
    if (frame instanceof StreamFrame.Happened happened) {
      Buffer data =
          JsonOutput.object(out -> EventJson.write(out, happened.event(), happened.job()));
      return event(frame, happened.event().name().wire(), data);
    }
    String name = frame instanceof StreamFrame.Gap ? "gap" : "end";
    return event(frame, name, Buffer.buffer("{}"));
  }

  private static Buffer event(StreamFrame frame, String name, Buffer data) {
    Buffer text = Buffer.buffer(data.length() + 100);
    text.appendString("id: ").appendString(frame.id().toString());
    text.appendString("\nevent: ").appendString(name).appendString("\ndata: ");
    return oneLine(text, data).appendString("\n\n");
  }

  /**
   * The source text of a value may have line breaks between its tokens; those inside of strings are
   * escaped. A space there means the same.
   */
  private static Buffer oneLine(Buffer to, Buffer data) {
    byte[] bytes = data.getBytes();
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n' || bytes[i] == '\r') {
        bytes[i] = ' ';
      }
    }
    return to.appendBytes(bytes);
  }
}
