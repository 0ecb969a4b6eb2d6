package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A batch of ten items for the example workers, and where it stands. */
final class BatchRun {

  static final int ITEMS = 10;

  private static final Duration SOON = Duration.ofSeconds(60);

  private final Api api;
  private final Receiver receiver;
  private final String id;

  private BatchRun(Api api, Receiver receiver, String id) {
    this.api = api;
    this.receiver = receiver;
    this.id = id;
  }

  /** Starts one in a queue of its own name. */
  static BatchRun start(Api api, Receiver receiver, String id, Duration heartbeatTimeout) {
    Reply started =
        api.post(
            "/v1/jobs",
            ("{'id':'%s','type':'deliver-batch','taskQueue':'%s','startToCloseTimeout':'5m',"
                    + "'heartbeatTimeout':'%dms','input':{'url':'%s','items':%s}}")
                .formatted(
                    id,
                    id,
                    heartbeatTimeout.toMillis(),
                    receiver.url(),
                    indexes(ITEMS).toString()));
    assertThat(started.status()).as("%s", started).isEqualTo(201);
    return new BatchRun(api, receiver, id);
  }

  String id() {
    return id;
  }

  /** Waits until so many items are known to be delivered. */
  Reply awaitProgress(int items) {
    return Await.until(
        items + " items are reported",
        SOON,
        () -> api.job(id),
        job -> job.number("/heartbeatDetails") >= items);
  }

  Reply job() {
    return api.job(id);
  }

  Reply awaitStatus(String status) {
    return api.awaitStatus(id, status, SOON);
  }

  /** The indexes of the items that the receiver has taken for the first time, in order. */
  List<Integer> processed() {
    List<Integer> indexes = new ArrayList<>();
    for (JsonNode delivery : receiver.received().json().at("/deliveries")) {
      indexes.add(delivery.at("/body/index").asInt());
    }
    return indexes;
  }

  static List<Integer> indexes(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  /** How long after one instant of the job another one was. */
  static Duration between(Reply from, String fromPointer, Reply to, String toPointer) {
    return Duration.between(
        Instant.parse(from.text(fromPointer)), Instant.parse(to.text(toPointer)));
  }
}
