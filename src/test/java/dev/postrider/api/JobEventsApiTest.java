package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.postrider.job.Task;
import dev.postrider.store.Completion;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A job's stream of events as its reader sees it. */
@ParameterizedClass(name = "{0} partitions")
@ValueSource(ints = {1, 4})
@ExtendWith({VertxExtension.class, RedisExtension.class})
@Timeout(60)
class JobEventsApiTest {

  private static final String START =
      "{\"id\":\"a\",\"type\":\"t\",\"taskQueue\":\"q\",\"startToCloseTimeout\":\"60s\","
          + "\"input\":{\n\"multi\": \"line\"\r\n}}";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final int partitions;
  private LiveApi live;
  private ApiClient client;

  JobEventsApiTest(int partitions) {
    this.partitions = partitions;
  }

  @BeforeEach
  void start(Vertx vertx, RedisServer redis) throws Exception {
    live = LiveApi.start(vertx, redis, partitions, 2);
    client = live.client();
    assertThat(client.post("/v1/jobs", START).status()).isEqualTo(201);
  }

  @Test
  void aStreamOpensWithASnapshotAndEndsAfterTheClosingEvent() throws Exception {
    try (Reader reader = Reader.open(client, "/v1/jobs/a/events", null)) {
      assertThat(reader.line()).isEqualTo("retry: 1000");
      assertThat(reader.line()).isEmpty();
      Frame snapshot = reader.frame();
      assertThat(snapshot.event).isEqualTo("snapshot");
      OpenApi.checkSchema("Job", snapshot.data.toString());
      assertThat(snapshot.data.at("/input/multi").asText()).isEqualTo("line");

      Task task = live.lease("q");
      Frame leased = reader.frame();
      assertThat(leased.event).isEqualTo("job.leased");
      OpenApi.checkSchema("JobEvent", leased.data.toString());
      assertThat(leased.data.path("runState").asText()).isEqualTo("started");
      assertThat(leased.data.path("taskQueue").asText()).isEqualTo("q");

      live.await(
          () -> live.store().complete(new Completion(task.token(), Buffer.buffer("1"), null)));
      Frame completed = reader.frame();
      assertThat(completed.event).isEqualTo("job.completed");
      OpenApi.checkSchema("JobEvent", completed.data.toString());
      Frame end = reader.frame();
      assertThat(end.event).isEqualTo("end");
      assertThat(reader.line()).isNull();

      for (String last : new String[] {completed.id, end.id}) {
        try (Reader over = Reader.open(client, "/v1/jobs/a/events", last)) {
          assertThat(over.status).isEqualTo(204);
        }
        assertThat(client.get("/v1/jobs/a/events?lastEventId=" + last).status()).isEqualTo(204);
      }
      try (Reader resumed = Reader.open(client, "/v1/jobs/a/events", leased.id)) {
        resumed.line();
        resumed.line();
        assertThat(resumed.frame().event).isEqualTo("job.completed");
        assertThat(resumed.frame().event).isEqualTo("end");
      }
    }
  }

  @Test
  void aStreamOfAClosedJobIsASnapshotAndTheEnd() throws Exception {
    client.post("/v1/jobs/a/terminate");

    try (Reader reader = Reader.open(client, "/v1/jobs/a/events", null)) {
      reader.line();
      reader.line();
      Frame snapshot = reader.frame();
      assertThat(snapshot.event).isEqualTo("snapshot");
      assertThat(snapshot.data.path("status").asText()).isEqualTo("terminated");
      assertThat(reader.frame().event).isEqualTo("end");
      assertThat(reader.line()).isNull();
    }
  }

  @Test
  void streamsAreBoundedAndAPlaceIsFreedWhenAReaderLeaves() throws Exception {
    Reader first = Reader.open(client, "/v1/jobs/a/events", null);
    Reader second = Reader.open(client, "/v1/jobs/a/events", null);
    assertThat(first.status).isEqualTo(200);
    assertThat(second.status).isEqualTo(200);

    HttpAnswer refused = client.get("/v1/jobs/a/events");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.code()).isEqualTo("too_many_streams");
    assertThat(client.call("HEAD", "/v1/jobs/none/events", null, null).status()).isEqualTo(429);

    first.close();
    Reader third = Reader.open(client, "/v1/jobs/a/events", null);
    while (third.status == 429) {
      third.close();
      third = Reader.open(client, "/v1/jobs/a/events", null);
    }
    assertThat(third.status).isEqualTo(200);
    second.close();
    third.close();
  }

  @Test
  void headOpensNoStream() {
    for (int i = 0; i < 5; i++) {
      HttpAnswer answer = client.call("HEAD", "/v1/jobs/a/events", null, null);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).startsWith("text/event-stream");
    }
  }

  @Test
  void aReaderThatIsTooSlowIsDropped() throws Exception {
    String longName = "x".repeat(1000);
    String start =
        String.format(
            "{\"id\":\"%s\",\"type\":\"%s\",\"taskQueue\":\"%s\",\"startToCloseTimeout\":\"60s\"}",
            longName, longName, longName);
    assertThat(client.post("/v1/jobs", start).status()).isEqualTo(201);
    try (Socket slow = new Socket()) {
      slow.setReceiveBufferSize(4096);
      slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), client.port()));
      slow.setSoTimeout(30_000);
      String request =
          "GET /v1/jobs/" + longName + "/events HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
      slow.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      try (Reader other = Reader.open(client, "/v1/jobs/a/events", null)) {
        assertThat(other.status).isEqualTo(200);
        // Its place is free again as soon as the slow one is gone.
        while (client.call("HEAD", "/v1/jobs/a/events", null, null).status() == 429) {
          Task task = live.lease(longName);
          live.await(() -> live.store().handBack(List.of(task.token())));
        }
      }
      String all = new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(all)
          .contains("event: job.handed_back")
          .contains("event: dropped\ndata: {\"reason\":\"slow\"}\n");
    }
  }

  private static final class Frame {
    private final String id;
    private final String event;
    private final JsonNode data;

    Frame(Map<String, String> fields) throws IOException {
      id = fields.get("id");
      event = fields.get("event");
      data = MAPPER.readTree(fields.get("data"));
    }
  }

  /** Reads a stream line by line. */
  private static final class Reader implements AutoCloseable {
    private final int status;
    private final InputStream body;
    private final BufferedReader lines;

    private Reader(HttpResponse<InputStream> response) {
      status = response.statusCode();
      body = response.body();
      lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    static Reader open(ApiClient client, String path, String lastEventId) throws Exception {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(client.url() + path));
      if (lastEventId != null) {
        request.header("Last-Event-ID", lastEventId);
      }
      return new Reader(
          HttpClient.newHttpClient()
              .send(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
    }

    String line() throws IOException {
      return lines.readLine();
    }

    Frame frame() throws IOException {
      Map<String, String> fields = new HashMap<>();
      while (true) {
        String line = lines.readLine();
        if (line == null) {
          throw new IOException("the stream ended within " + fields);
        }
        if (line.isEmpty()) {
          if (!fields.isEmpty()) {
            return new Frame(fields);
          }
        } else if (!line.startsWith(":")) {
          int colon = line.indexOf(": ");
          fields.put(line.substring(0, colon), line.substring(colon + 2));
        }
      }
    }

    @Override
    public void close() throws IOException {
      body.close();
    }
  }
}
