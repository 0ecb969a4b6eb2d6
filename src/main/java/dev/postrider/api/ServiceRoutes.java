package dev.postrider.api;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The contract itself, and the page for humans. */
final class ServiceRoutes {

  private static final String CONTRACT = "/openapi.yaml";
  private static final String PAGE = "/web/index.html";

  private static final String DEFAULT_AUTHORITY = "127.0.0.1:8080";

  private final Answer contract;
  private final Map<String, String> pageHeaders = new LinkedHashMap<>();
  private final String page;

  ServiceRoutes(String managementUrl) {
    contract = Answer.of(200, "application/yaml", Buffer.buffer(resource(CONTRACT)));
    page = resource(PAGE).replace("{{management}}", escape(managementUrl));
    pageHeaders.put("Content-Type", "text/html; charset=utf-8");
    pageHeaders.put("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    pageHeaders.put("X-Content-Type-Options", "nosniff");
  }

  Future<Answer> getOpenApi(Exchange exchange) {
    exchange.check();
    return Future.succeededFuture(contract);
  }

  Future<Answer> getPage(Exchange exchange) {
    String host = exchange.request().getHeader("Host");
    String html = page.replace("{{api}}", escape(host == null ? DEFAULT_AUTHORITY : host));
    return Future.succeededFuture(new Answer(200, pageHeaders, Buffer.buffer(html)));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  private static String resource(String path) {
    try (InputStream in = ServiceRoutes.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("not on the class path: " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
