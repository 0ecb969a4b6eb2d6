package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Three nodes on one Redis, the first of which runs it. */
record ThreeNodes(List<ServiceProcess> processes) {

  static ThreeNodes start(Site site, int partitions) {
    String divided = "partitions=" + partitions;
    ServiceProcess first = site.service(divided);
    String shared = "redis.url=" + first.redisUrl();
    ServiceProcess second = site.launch(divided, shared);
    ServiceProcess third = site.service(divided, shared);
    return new ThreeNodes(List.of(first, second.awaitReady(), third));
  }

  List<Api> apis() {
    return processes.stream().map(ServiceProcess::api).toList();
  }

  Api api(int node) {
    return processes.get(node).api();
  }

  /** Changes the limits of a queue through one of them. */
  void limit(int node, String queue, String limits) {
    Reply reply = api(node).patch("/v1/task-queues/" + queue, limits);
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
  }
}
