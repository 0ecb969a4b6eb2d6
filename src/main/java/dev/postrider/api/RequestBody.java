package dev.postrider.api;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of one request up to a bound; what is too long is refused before it is all here.
 */
final class RequestBody {

  private static final byte[] NONE = {};

  private final HttpServerRequest request;
  private final int maxBytes;
  private final Promise<byte[]> whole = Promise.promise();
  private byte[] bytes;
  private int length;

  private RequestBody(HttpServerRequest request, int maxBytes, int expected) {
    this.request = request;
    this.maxBytes = maxBytes;
    this.bytes = expected == 0 ? NONE : new byte[expected];
  }

  /**
   * The bytes of the body; none if there is no body. Must be called in the turn of the event loop
   * in which the request came.
   */
  static Future<byte[]> read(HttpServerRequest request, int maxBytes) {
    long declared = declaredLength(request);
    if (declared > maxBytes) {
      return Future.failedFuture(tooLarge(declared + " bytes", maxBytes).exception());
    }
    if (declared != 0) {
      Problem refusal = refuseMediaType(request);
      if (refusal != null) {
        return Future.failedFuture(refusal.exception());
      }
    }
    String expect = request.getHeader(HttpHeaders.EXPECT);
    if (expect != null && expect.equalsIgnoreCase("100-continue")) {
      request.response().writeContinue();
    }
    return new RequestBody(request, maxBytes, (int) Math.max(0, Math.min(declared, 64 << 10)))
        .start();
  }

  private Future<byte[]> start() {
    request.handler(this::append);
    request.exceptionHandler(whole::tryFail);
    request.endHandler(
        end -> whole.tryComplete(length == bytes.length ? bytes : Arrays.copyOf(bytes, length)));
    return whole.future();
  }

  private void append(Buffer chunk) {
    int total = length + chunk.length();
    if (total > maxBytes) {
      request.handler(null);
      bytes = NONE;
      length = 0;
      whole.tryFail(tooLarge("more than " + maxBytes + " bytes", maxBytes).exception());
      return;
    }
    if (total > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.max(total, Math.min(maxBytes, bytes.length * 2L)));
    }
    chunk.getBytes(bytes, length);
    length = total;
  }

  private static Problem tooLarge(String size, int maxBytes) {
    return Problem.of(
        ProblemCode.BODY_TOO_LARGE,
        "The body has " + size + ", at most " + maxBytes + " are taken");
  }

  /** What the header says about the length: 0 for no body, -1 for one that ends when it ends. */
  private static long declaredLength(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length != null) {
      return parse(length);
    }
    boolean http1 =
        request.version() == HttpVersion.HTTP_1_1 || request.version() == HttpVersion.HTTP_1_0;
    return http1 && !request.headers().contains(HttpHeaders.TRANSFER_ENCODING) ? 0 : -1;
  }

  private static long parse(String length) {
    try {
      return Long.parseLong(length.trim());
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static @Nullable Problem refuseMediaType(HttpServerRequest request) {
    String coding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (coding != null && !coding.equalsIgnoreCase("identity")) {
      return unsupported(
          "Content-Encoding " + shown(coding) + " is not taken; send the body as it is");
    }
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    if (type == null || isJson(type)) {
      return null;
    }
    return unsupported(
        "The body must be JSON, not "
            + shown(type)
            + "; send Content-Type: application/json (with curl: --json instead of -d)");
  }

  private static Problem unsupported(String detail) {
    return Problem.of(ProblemCode.UNSUPPORTED_MEDIA_TYPE, detail)
        .withHeader("Accept", "application/json");
  }

  /** {@code application/json} or a type that ends in {@code +json}, in UTF-8 if it says so. */
  static boolean isJson(String contentType) {
    String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", -1);
    String type = parts[0].trim();
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].replace("\"", "").trim();
      if (parameter.startsWith("charset=") && !parameter.equals("charset=utf-8")) {
        return false;
      }
    }
    return type.equals("application/json") || type.matches("[!-.0-~]+/[!-.0-~]+\\+json");
  }

  private static String shown(String header) {
    return header.length() > 100 ? header.substring(0, 100) + "…" : header;
  }
}
