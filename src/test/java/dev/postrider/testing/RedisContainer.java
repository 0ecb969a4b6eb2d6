package dev.postrider.testing;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** A Redis in a container. */
final class RedisContainer {

  private static final int PORT = 6379;

  private final GenericContainer<?> container;

  private RedisContainer(GenericContainer<?> container) {
    this.container = container;
  }

  static RedisContainer start(String image) {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      throw new IllegalStateException(
          "-Dpostrider.test.redis=" + image + " needs a container engine, and none is reachable");
    }
    GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image));
    container.withExposedPorts(PORT).start();
    return new RedisContainer(container);
  }

  String host() {
    return container.getHost();
  }

  int port() {
    return container.getMappedPort(PORT);
  }

  void stop() {
    container.stop();
  }
}
