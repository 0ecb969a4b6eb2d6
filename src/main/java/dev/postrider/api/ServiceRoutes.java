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

  private final Answer contract;
  private final Answer page;

  ServiceRoutes(String managementUrl) {
    contract = Answer.of(200, "application/yaml", Buffer.buffer(resource(CONTRACT)));
    String html = resource(PAGE).replace("{{management}}", escape(managementUrl));
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "text/html; charset=utf-8");
    headers.put("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    headers.put("X-Content-Type-Options", "nosniff");
    page = new Answer(200, headers, Buffer.buffer(html));
  }

  Future<Answer> getOpenApi(Exchange exchange) {
    exchange.check();
    return Future.succeededFuture(contract);
  }

  Future<Answer> getPage(Exchange exchange) {
    return Future.succeededFuture(page);
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
