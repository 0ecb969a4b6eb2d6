package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Many jobs at once. */
final class Batches {

  private static final int SIZE = 500;

  private Batches() {}

  /** Starts deliveries of numbered events to a receiver; ids and events begin with the prefix. */
  static void webhooks(Api api, Receiver receiver, String prefix, int count) {
    webhooks(api, receiver, prefix, count, "15s");
  }

  static void webhooks(
      Api api, Receiver receiver, String prefix, int count, String startToCloseTimeout) {
    start(
        api,
        count,
        i -> webhook(prefix + i, receiver, "'startToCloseTimeout':'" + startToCloseTimeout + "'"));
  }

  /** A delivery of an event as a batch takes it, written with ' for ". */
  static String webhook(String event, Receiver receiver, String options) {
    return ("{'id':'deliver-%s','type':'deliver-webhook','taskQueue':'webhooks',%s,"
            + "'input':{'eventId':'%s','url':'%s','payload':1}}")
        .formatted(event, options, event, receiver.url());
  }

  /** Starts numbered jobs in batches; each is new. */
  static void start(Api api, int count, IntFunction<String> job) {
    for (int from = 0; from < count; from += SIZE) {
      String jobs =
          IntStream.range(from, Math.min(count, from + SIZE))
              .mapToObj(job)
              .collect(Collectors.joining(","));
      Reply reply =
          HttpCalls.await(
              api.send("/v1/jobs/batch", "{'jobs':[" + jobs + "]}"), Duration.ofSeconds(60));
      assertThat(reply.status()).as("%s", reply).isEqualTo(200);
      for (JsonNode result : reply.json().at("/results")) {
        assertThat(result.at("/status").asInt()).as("%s", result).isEqualTo(201);
      }
    }
  }

  /** The jobs with their attempts, in any order. */
  static List<JsonNode> described(Api api, List<String> ids) {
    Queue<JsonNode> described = new ConcurrentLinkedQueue<>();
    Load.start(
            ids.size(),
            16,
            i -> {
              Reply reply = api.get("/v1/jobs/" + ids.get(i));
              if (reply.status() == 200) {
                described.add(reply.json());
              }
              return reply;
            })
        .awaitEnd(Duration.ofMinutes(4));
    assertThat(described).hasSize(ids.size());
    return List.copyOf(described);
  }

  /** The ids of all runs in a status. */
  static List<String> ids(Api api, String status) {
    List<String> ids = new ArrayList<>();
    each(api, status, job -> ids.add(job.at("/id").asText()));
    return ids;
  }

  /** Shows all runs in a status, as a list has them. */
  static void each(Api api, String status, Consumer<JsonNode> action) {
    String query = "/v1/jobs?pageSize=1000&query=ExecutionStatus%20%3D%20'" + status + "'";
    String token = "";
    do {
      Reply page = api.get(query + (token.isEmpty() ? "" : "&pageToken=" + token));
      if (page.status() != 200) {
        throw new IllegalStateException("no list: " + page);
      }
      page.json().at("/jobs").forEach(action);
      token = page.text("/nextPageToken");
    } while (!token.isEmpty());
  }
}
