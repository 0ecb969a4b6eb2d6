package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.RedisServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What stands in the way of a start is told in one line, and the exit code says so too. */
@Tag("process")
class StartupIT {

  private static final Duration END = Duration.ofSeconds(60);

  @RegisterExtension final Site site = Site.ofTest();

  @Test
  void aPortInUse() throws IOException {
    try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(holder.getLocalPort());
      refused("http.port=" + port).contains(port, "in use", "http.port");
      refused("management.port=" + port).contains(port, "in use", "management.port");
    }
  }

  @Test
  void aRedisThatCannotBeReached() {
    refused("redis.url=redis://127.0.0.1:" + Ports.free()).contains("redis.url");
  }

  @Test
  void aDataDirectoryThatIsHeld() {
    ServiceProcess holder = site.service();
    refused("data.directory=" + holder.data())
        .contains(Long.toString(holder.process().pid()), "redis.url");
    assertThat(holder.isReady()).isTrue();
  }

  @Test
  void anUnknownKeyWithASuggestion() {
    refused("htpp.port=1").contains("htpp.port", "http.port");
    refused("delivery.maxInflight=1").contains("delivery.maxInflight", "delivery.maxInFlight");
  }

  @Test
  void aValueOfTheWrongKind() {
    refused("http.port=eighty").contains("http.port", "eighty");
    refused("delivery.connectTimeout=5").contains("delivery.connectTimeout", "5");
  }

  @Test
  void otherPartitionsThanTheStoreWasMadeWith() {
    RedisServer redis = site.keep(RedisServer.startWith());
    site.service("redis.url=" + redis.url()).close();

    refused("redis.url=" + redis.url(), "partitions=4").contains("partitions", "1", "4");
  }

  @Test
  void aRedisThatMayEvict() {
    RedisServer redis = site.keep(RedisServer.startWith("maxmemory-policy allkeys-lru"));

    refused("redis.url=" + redis.url()).contains("maxmemory-policy", "noeviction", "allkeys-lru");
  }

  @Test
  void aRedisThatMayForgetWhereFsyncIsRequired() {
    RedisServer redis = site.keep(RedisServer.startWith());

    refused("redis.url=" + redis.url(), "durability.require=fsync").contains("durability.require");
  }

  private AbstractStringAssert<?> refused(String... wrong) {
    List<String> settings = new ArrayList<>();
    settings.add("http.port=" + Ports.free());
    settings.add("management.port=" + Ports.free());
    settings.add("data.directory=" + site.directory().resolve("refused"));
    settings.addAll(List.of(wrong));
    List<String> arguments = new ArrayList<>(List.of("server"));
    settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    JarProcess process = site.keep(JarProcess.start(site.directory(), Map.of(), arguments));
    assertThat(process.exitCode(END)).isNotZero();
    assertThat(process.err()).as(process.said()).hasSize(1);
    return assertThat(process.err().get(0));
  }
}
