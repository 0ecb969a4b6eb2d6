package dev.postrider.api;

import java.util.Locale;

/** Every reason for which a request can be refused, as {@code code} tells it to the caller. */
public enum ProblemCode {
  MALFORMED_JSON(400, "The body is not valid JSON"),
  INVALID_REQUEST(400, "The request is invalid"),
  INVALID_QUERY(400, "The query is invalid"),
  INVALID_TOKEN(400, "The token is invalid"),
  JOB_NOT_FOUND(404, "There is no such job"),
  BULK_NOT_FOUND(404, "There is no such bulk operation"),
  ENDPOINT_NOT_FOUND(404, "There is no such endpoint"),
  ROUTE_NOT_FOUND(404, "There is nothing at this path"),
  METHOD_NOT_ALLOWED(405, "The path does not take this method"),
  JOB_ALREADY_STARTED(409, "A job with this id exists"),
  PAYLOAD_MISMATCH(409, "The job with this id has another type or input"),
  JOB_CLOSED(409, "The job is closed"),
  INVALID_STATE(409, "The job's state does not allow this"),
  CANCEL_ALREADY_REQUESTED(409, "Cancellation was requested before"),
  LEASE_LOST(409, "The attempt is over"),
  BODY_TOO_LARGE(413, "The body is too large"),
  RESULT_TOO_LARGE(413, "The result is too large"),
  URI_TOO_LONG(414, "The request line is too long"),
  UNSUPPORTED_MEDIA_TYPE(415, "The body must be JSON"),
  TOO_MANY_POLLS(429, "Too many polls are waiting"),
  TOO_MANY_STREAMS(429, "Too many event streams are open"),
  OVERLOADED(429, "Too much work is waiting for the store"),
  HEADERS_TOO_LARGE(431, "The header fields are too large"),
  INTERNAL(500, "Something went wrong in the service"),
  STORE_UNAVAILABLE(503, "The store cannot be reached"),
  STORE_FULL(507, "The store is full");

  private final int status;
  private final String title;

  ProblemCode(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The HTTP status that goes with it. */
  public int status() {
    return status;
  }

  /** The same short words every time. */
  public String title() {
    return title;
  }

  /** The code as it stands in a body, as in {@code job_not_found}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What identifies the kind of problem in the sense of RFC 9457. */
  public String type() {
    return "urn:postrider:problem:" + wire();
  }
}
