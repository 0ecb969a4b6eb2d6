package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

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
    for (int from = 0; from < count; from += SIZE) {
      StringBuilder jobs = new StringBuilder();
      int end = Math.min(count, from + SIZE);
      for (int i = from; i < end; i++) {
        String event = prefix + i;
        jobs.append(jobs.isEmpty() ? "" : ",")
            .append("{'id':'deliver-")
            .append(event)
            .append("','type':'deliver-webhook','taskQueue':'webhooks','startToCloseTimeout':'")
            .append(startToCloseTimeout)
            .append("','input':{'eventId':'")
            .append(event)
            .append("','url':'")
            .append(receiver.url())
            .append("','payload':{'n':")
            .append(i)
            .append("}}}");
      }
      Reply reply =
          HttpCalls.await(
              api.send("/v1/jobs/batch", "{'jobs':[" + jobs + "]}"), Duration.ofSeconds(60));
      assertThat(reply.status()).as("%s", reply).isEqualTo(200);
      for (JsonNode result : reply.json().at("/results")) {
        assertThat(result.at("/status").asInt()).as("%s", result).isEqualTo(201);
      }
    }
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
