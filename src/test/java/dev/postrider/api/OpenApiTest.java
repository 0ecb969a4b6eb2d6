package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.junit5.VertxExtension;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract and the router say the same. */
@ExtendWith(VertxExtension.class)
class OpenApiTest {

  private static final Set<String> MANAGEMENT = Set.of("/health/live", "/health/ready", "/metrics");

  @Test
  void everyOperationHasItsRouteAndEveryRouteItsOperation(Vertx vertx) throws Exception {
    SortedSet<String> routes =
        // Its classes are loaded here for the first time: too long for a turn of an event loop.
        vertx.executeBlocking(() -> routes(vertx)).await(20, TimeUnit.SECONDS);

    SortedSet<String> described =
        OpenApi.operations().stream()
            .filter(
                operation -> MANAGEMENT.stream().noneMatch(p -> operation.contains(" " + p + " ")))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(routes).isEqualTo(described);
  }

  @Test
  void everyProblemCodeIsInTheContract() {
    SortedSet<String> codes = new TreeSet<>();
    for (ProblemCode code : ProblemCode.values()) {
      codes.add(code.wire());
    }

    assertThat(OpenApi.problemCodes()).isEqualTo(codes);
  }

  private static SortedSet<String> routes(Vertx vertx) {
    ApiRouter router =
        new ApiRouter(
            vertx,
            UnreachableStore.parts(vertx),
            new ApiOptions("127.0.0.1", 0, "", ApiLimits.DEFAULT));
    SortedSet<String> routes = new TreeSet<>();
    for (Route route : router.router().getRoutes()) {
      if (route.methods() != null) {
        for (HttpMethod method : route.methods()) {
          if (!method.equals(HttpMethod.HEAD)) {
            String path = route.getPath().replaceAll(":([A-Za-z]+)", "{$1}");
            routes.add(method + " " + path + " " + route.getName());
          }
        }
      }
    }
    return routes;
  }
}
