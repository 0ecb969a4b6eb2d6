package dev.postrider.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Talks to the API as its users do, not with the library that it is made of, and holds every answer
 * and every request that was taken against the contract.
 */
final class ApiClient {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int port;

  ApiClient(int port) {
    this.port = port;
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  int port() {
    return port;
  }

  HttpAnswer get(String path) {
    return call("GET", path, null, null);
  }

  HttpAnswer delete(String path) {
    return call("DELETE", path, null, null);
  }

  HttpAnswer post(String path, String json) {
    return call("POST", path, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  HttpAnswer patch(String path, String json) {
    return call("PATCH", path, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  HttpAnswer post(String path) {
    return call("POST", path, null, null);
  }

  HttpAnswer call(String method, String path, String contentType, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .timeout(PATIENCE)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    if (contentType != null) {
      request.header("Content-Type", contentType);
    }
    try {
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      HttpAnswer answer =
          new HttpAnswer(response.statusCode(), response.headers().map(), response.body());
      OpenApi.check(method, path, answer);
      boolean batch = path.startsWith("/v1/jobs/batch"); // each of its jobs is judged by itself
      boolean taken = !batch && answer.status() >= 200 && answer.status() < 300;
      if (taken && body != null && body.length > 0) {
        OpenApi.checkRequest(method, path, new String(body, StandardCharsets.UTF_8));
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Sends bytes as they are and reads the one answer that comes before the connection is closed.
   */
  HttpAnswer raw(byte[] request) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      OutputStream out = socket.getOutputStream();
      try {
        out.write(request);
        out.flush();
      } catch (IOException e) {
        // The other side may have answered and closed before it was all sent.
      }
      return parse(read(socket.getInputStream()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HttpAnswer raw(String request) {
    return raw(request.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String read(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    while (true) {
      int n = in.read(buffer);
      if (n < 0) {
        return bytes.toString(StandardCharsets.UTF_8);
      }
      bytes.write(buffer, 0, n);
      String text = bytes.toString(StandardCharsets.UTF_8);
      int end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        String length = parse(text).header("content-length");
        int have = text.substring(end + 4).getBytes(StandardCharsets.UTF_8).length;
        if (!length.isEmpty() && have >= Integer.parseInt(length)) {
          return text;
        }
      }
    }
  }

  private static HttpAnswer parse(String text) {
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      throw new IllegalStateException("no answer: " + text);
    }
    String[] lines = text.substring(0, end).split("\r\n", -1);
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers
          .computeIfAbsent(lines[i].substring(0, colon), name -> new ArrayList<>())
          .add(lines[i].substring(colon + 1).trim());
    }
    return new HttpAnswer(
        Integer.parseInt(lines[0].split(" ", -1)[1]), headers, text.substring(end + 4));
  }
}
