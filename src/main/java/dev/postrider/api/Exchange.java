package dev.postrider.api;

import dev.postrider.api.json.FieldErrors;
import dev.postrider.api.json.Fields;
import dev.postrider.api.json.JsonText;
import dev.postrider.api.json.JsonValue;
import dev.postrider.api.json.MalformedJsonException;
import dev.postrider.api.json.TextRule;
import dev.postrider.job.Durations;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.TaskToken;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One request: its parts are read by name, and what is wrong with them is collected. */
final class Exchange {

  /** Where a path says what it is about: {@code /v1/jobs/<id>}, {@code /v1/tasks/<token>}. */
  private static final int SUBJECT = 2;

  private final HttpServerRequest request;
  private final RequestPath path;
  private final FieldErrors errors = new FieldErrors();
  private final QueryParameters query;

  Exchange(HttpServerRequest request, RequestPath path) {
    this.request = request;
    this.path = path;
    this.query = QueryParameters.parse(request.query(), errors);
  }

  HttpServerRequest request() {
    return request;
  }

  QueryParameters query() {
    return query;
  }

  FieldErrors errors() {
    return errors;
  }

  String namespace() {
    String namespace = query.text("namespace", TextRule.IDENTIFIER);
    return namespace == null ? "default" : namespace;
  }

  /** The job that the path names. */
  JobKey key() {
    String id = path.segment(SUBJECT);
    TextRule.IDENTIFIER.broken(id).ifPresent(message -> errors.add("id", message));
    return new JobKey(namespace(), id);
  }

  /** The task queue that the path names. */
  TaskQueue queue() {
    String queue = path.segment(SUBJECT);
    TextRule.IDENTIFIER.broken(queue).ifPresent(message -> errors.add("queue", message));
    return new TaskQueue(namespace(), queue);
  }

  /** The token that the path names; one that no lease gave is refused at once. */
  TaskToken token() {
    return TaskToken.decode(path.segment(SUBJECT))
        .filter(token -> TextRule.IDENTIFIER.broken(token.key().namespace()).isEmpty())
        .filter(token -> TextRule.IDENTIFIER.broken(token.key().id()).isEmpty())
        .orElseThrow(
            () -> Problem.of(ProblemCode.INVALID_TOKEN, "This is no token of a task").exception());
  }

  /** Has something done when the caller goes before it is answered, or is gone already. */
  void onGone(Runnable action) {
    HttpServerResponse response = request.response();
    if (response.closed()) {
      action.run();
    } else {
      // A stream of HTTP/2 closes with its answer as well.
      response.closeHandler(
          closed -> {
            if (!response.ended()) {
              action.run();
            }
          });
    }
  }

  @Nullable RunId runId() {
    return query.parsed("runId", Exchange::parseRunId);
  }

  /** How long the caller lets us wait; zero if it does not say. */
  Duration wait(Duration longest) {
    Duration wait = query.parsed("wait", text -> parseWait(text, longest));
    return wait == null ? Duration.ZERO : wait;
  }

  static Duration parseWait(String text, Duration longest) {
    Duration asked = Durations.parse(text);
    if (asked.compareTo(longest) > 0) {
      throw new IllegalArgumentException(
          "must be at most " + Durations.format(longest) + ", not " + text);
    }
    return asked;
  }

  static RunId parseRunId(String text) {
    return RunId.parse(text)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "must be 16 hexadecimal digits in lower case, not "
                        + (text.length() > 40 ? text.substring(0, 40) + "…" : text)));
  }

  /** The fields of a body that must be there. */
  Future<Fields> body(int maxBytes) {
    return RequestBody.read(request, maxBytes).compose(this::fields);
  }

  /** The fields of a body that may be left out. */
  Future<Fields> optionalBody(int maxBytes) {
    return RequestBody.read(request, maxBytes)
        .compose(
            bytes ->
                bytes.length == 0 ? Future.succeededFuture(Fields.empty(errors)) : fields(bytes));
  }

  private Future<Fields> fields(byte[] bytes) {
    return Heavy.run(bytes.length, () -> Fields.ofBody(parse(bytes), errors));
  }

  private static JsonValue parse(byte[] bytes) {
    try {
      return JsonText.parse(bytes);
    } catch (MalformedJsonException e) {
      throw Problem.malformed(e).exception();
    }
  }

  /** Refuses the request if anything of it was wrong; the parameters are complete by now. */
  void check() {
    query.end();
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors).exception();
    }
  }
}
