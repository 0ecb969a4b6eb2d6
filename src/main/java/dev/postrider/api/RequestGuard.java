package dev.postrider.api;

import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Refuses what is no proper request before anything looks at its content. */
final class RequestGuard {

  private static final Set<HttpMethod> READS =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  private final ApiLimits limits;

  RequestGuard(ApiLimits limits) {
    this.limits = limits;
  }

  /** Answers a request that could not even be decoded, and ends its connection. */
  void refuseUndecodable(HttpServerRequest request) {
    DecoderResult result = request.decoderResult();
    Throwable cause = result == null ? null : result.cause();
    Answer answer = Answer.of(undecodable(cause));
    request.response().putHeader("Connection", "close");
    answer.send(request.response());
    request.connection().close();
  }

  private Problem undecodable(@Nullable Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return uriTooLong();
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return Problem.of(
          ProblemCode.HEADERS_TOO_LARGE,
          "All header fields together must be at most " + limits.maxHeaderBytes() + " bytes");
    }
    return Problem.invalidField("request", "is not HTTP as RFC 9112 has it");
  }

  /** The path of a request that is well formed; one that is not is refused. */
  RequestPath check(HttpServerRequest request) {
    String uri = request.uri();
    if (uri.length() > limits.maxRequestLineBytes()) {
      throw uriTooLong().exception();
    }
    if (request.version() == HttpVersion.HTTP_1_1 && request.headers().getAll("Host").size() != 1) {
      throw Problem.invalidField("Host", "must be given once").exception();
    }
    refuseForgery(request);
    String path = request.path();
    return RequestPath.parse(path == null ? "" : path);
  }

  /**
   * There is no authentication, and a browser on this machine reaches what listens on loopback: a
   * page of somebody else's must not start jobs through it. Browsers say so, others need not.
   */
  private static void refuseForgery(HttpServerRequest request) {
    boolean reads = READS.contains(request.method());
    if (!reads && "cross-site".equalsIgnoreCase(request.getHeader("Sec-Fetch-Site"))) {
      throw Problem.invalidField("Sec-Fetch-Site", "must not be cross-site where something changes")
          .exception();
    }
  }

  private Problem uriTooLong() {
    return Problem.of(
        ProblemCode.URI_TOO_LONG,
        "The request line must be at most " + limits.maxRequestLineBytes() + " bytes");
  }
}
