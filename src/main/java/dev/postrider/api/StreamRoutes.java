package dev.postrider.api;

import dev.postrider.event.JobStreams;
import dev.postrider.event.StreamId;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Following one job by server-sent events. */
final class StreamRoutes {

  private final Vertx vertx;
  private final JobStreams streams;
  private final Set<EventStream> open = new HashSet<>();

  StreamRoutes(Vertx vertx, JobStreams streams) {
    this.vertx = vertx;
    this.streams = streams;
  }

  /** Answers with a stream, which writes itself, or with what stands in place of one. */
  Future<Optional<Answer>> streamJobEvents(Exchange exchange) {
    JobKey key = exchange.key();
    RunId runId = exchange.runId();
    StreamId lastSeen = lastSeen(exchange);
    exchange.check();
    return streams.open(key, runId, lastSeen).map(opening -> answer(opening, exchange, runId));
  }

  /** The header wins: a browser sends it when it reconnects to a URL that it was given before. */
  private static @Nullable StreamId lastSeen(Exchange exchange) {
    StreamId parameter = exchange.query().parsed("lastEventId", StreamRoutes::parse);
    String header = exchange.request().getHeader("Last-Event-ID");
    if (header == null || header.isEmpty()) {
      return parameter;
    }
    try {
      return parse(header);
    } catch (IllegalArgumentException e) {
      exchange.errors().add("Last-Event-ID", String.valueOf(e.getMessage()));
      return null;
    }
  }

  private static StreamId parse(String text) {
    return StreamId.parse(text)
        .orElseThrow(() -> new IllegalArgumentException("is no id that a stream gave"));
  }

  private Optional<Answer> answer(
      JobStreams.Opening opening, Exchange exchange, @Nullable RunId runId) {
    if (opening instanceof JobStreams.Streaming streaming) {
      stream(streaming, exchange.request());
      return Optional.empty();
    }
    if (opening instanceof JobStreams.NothingMore) {
      return Optional.of(Answer.empty(204));
    }
    if (opening instanceof JobStreams.TooMany) {
      throw Problem.of(
              ProblemCode.TOO_MANY_STREAMS, "This node has as many open streams as it may have")
          .exception();
    }
    throw JobRoutes.notFound(exchange.key(), runId);
  }

  private void stream(JobStreams.Streaming streaming, HttpServerRequest request) {
    if (request.method().equals(HttpMethod.HEAD) || request.response().closed()) {
      streaming.stream().close();
      if (request.method().equals(HttpMethod.HEAD)) {
        EventStream.head(request.response()).end();
      }
      return;
    }
    EventStream stream = new EventStream(vertx, request.response(), streaming.stream());
    open.add(stream);
    stream.onClosed(() -> open.remove(stream));
    stream.start();
  }

  /** Ends every stream, so that its listener comes back, to another node perhaps. */
  void close() {
    List.copyOf(open).forEach(EventStream::close);
  }
}
