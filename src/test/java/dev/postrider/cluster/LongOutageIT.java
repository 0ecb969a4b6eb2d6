package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Redis of somebody else's that is away for longer than a call waits. */
@Tag("process")
class LongOutageIT {

  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension final Site site = Site.ofTest();

  @Test
  void callsMeanwhileGet503AndTheServiceIsWellAgainByItself() {
    RedisServer redis = site.keep(RedisServer.startWith("appendonly yes", "appendfsync always"));
    ServiceProcess service = site.service("redis.url=" + redis.url());
    Receiver receiver = site.laterReceiver();
    Api api = service.api();
    String retry = "'retryPolicy':{'initialInterval':'200ms','backoffCoefficient':1}";
    String job = "{'eventId':'%s','url':'%s','payload':1," + retry + "}";
    Reply accepted = api.post("/v1/webhooks", job.formatted("before", receiver.url()));
    assertThat(accepted.status()).isEqualTo(201);

    redis.signal("KILL");

    Await.until("it says that it is not well", SOON, () -> !service.isReady());
    Reply refused = api.post("/v1/webhooks", job.formatted("meanwhile", receiver.url()));
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.text("/code")).isEqualTo("store_unavailable");
    assertThat(refused.retryAfter()).isNotNull();
    assertThat(api.job("deliver-before").status()).isEqualTo(503);

    redis.startAgain();

    service.awaitReady();
    receiver.up();
    api.awaitStatus("deliver-before", "completed", SOON);
    assertThat(api.post("/v1/webhooks", job.formatted("after", receiver.url())).status())
        .isEqualTo(201);
    api.awaitStatus("deliver-after", "completed", SOON);
    assertThat(service.process().isAlive()).isTrue();
  }
}
