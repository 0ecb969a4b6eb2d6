package dev.postrider.api;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The one place where a request that went wrong is answered. */
final class Refusals {

  private final Function<RequestPath, SortedSet<String>> methods;

  /**
   * @param methods which methods a path takes
   */
  Refusals(Function<RequestPath, SortedSet<String>> methods) {
    this.methods = methods;
  }

  void routeNotFound(RoutingContext ctx) {
    refuse(
        ctx,
        Problem.of(
            ProblemCode.ROUTE_NOT_FOUND,
            "There is no " + cut(ctx.request().path()) + "; see /openapi.yaml for what there is"));
  }

  void methodNotAllowed(RoutingContext ctx) {
    RequestPath path = RequestPath.parse(String.valueOf(ctx.request().path()));
    String allowed = String.join(", ", methods.apply(path));
    if (ctx.request().method().equals(HttpMethod.OPTIONS)) {
      new Answer(204, Map.of("Allow", allowed), null).send(ctx.response());
      return;
    }
    refuse(
        ctx,
        Problem.of(
                ProblemCode.METHOD_NOT_ALLOWED,
                ctx.request().method() + " is not among the methods of this path: " + allowed)
            .withHeader("Allow", allowed));
  }

  void failed(RoutingContext ctx) {
    int status = ctx.statusCode();
    Throwable cause = ctx.failure();
    if (status == 404) {
      routeNotFound(ctx);
    } else if (status == 405) {
      methodNotAllowed(ctx);
    } else if (status >= 400 && status < 500) {
      refuse(ctx, Problem.invalidField("request", "is not HTTP as RFC 9112 has it"));
    } else if (cause != null) {
      refuse(ctx, Problems.of(cause));
    } else {
      refuse(ctx, Problem.of(ProblemCode.INTERNAL, "The service failed; its log says more."));
    }
  }

  private static void refuse(RoutingContext ctx, Problem problem) {
    HttpServerRequest request = ctx.request();
    if (!request.isEnded()) {
      // Part of the body may still be on its way, and nobody is going to read it.
      ctx.response().putHeader("Connection", "close");
      request.resume();
      closeAfterwards(ctx);
    }
    Answer.of(problem).send(ctx.response());
  }

  /**
   * A connection that is cut while its peer still sends loses the answer on the way; one whose peer
   * sends for ever is never of use again. So what still comes is thrown away for a moment.
   */
  private static void closeAfterwards(RoutingContext ctx) {
    ctx.response()
        .endHandler(sent -> ctx.vertx().setTimer(1_000, id -> ctx.request().connection().close()));
  }

  private static String cut(@Nullable String path) {
    String text = path == null ? "*" : path;
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }
}
