package dev.postrider.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All settings of one node.
 *
 * @param partitions how many parts the store has; written into it at its first start, 1 to 64
 */
public record PostriderConfig(
    HttpConfig http,
    ManagementConfig management,
    DataConfig data,
    RedisConfig redis,
    int partitions,
    DurabilityConfig durability,
    DeliveryConfig delivery,
    LimitsConfig limits,
    RetentionConfig retention,
    EventsConfig events,
    NodeConfig node) {

  /** With one partition, priority, fairness and limits are exact. */
  public static final int DEFAULT_PARTITIONS = 1;

  public static final PostriderConfig DEFAULT =
      new PostriderConfig(
          HttpConfig.DEFAULT,
          ManagementConfig.DEFAULT,
          DataConfig.DEFAULT,
          RedisConfig.DEFAULT,
          DEFAULT_PARTITIONS,
          DurabilityConfig.DEFAULT,
          DeliveryConfig.DEFAULT,
          LimitsConfig.DEFAULT,
          RetentionConfig.DEFAULT,
          EventsConfig.DEFAULT,
          NodeConfig.DEFAULT);

  /** What a request has beside its one large value. */
  private static final long ROOM_BESIDE_A_VALUE = 32 * 1024;

  public PostriderConfig {
    Rules.inRange("partitions", partitions, 1, 64);
    boolean sameHost = http.host().equals(management.host());
    if (sameHost && http.port() == management.port() && http.port() != 0) {
      throw Rules.refuse("management.port", "must differ from http.port", management.port());
    }
    long largest = Math.max(limits.maxInputBytes(), limits.maxResultBytes());
    if (http.maxBodyBytes() < largest + ROOM_BESIDE_A_VALUE) {
      throw Rules.refuse(
          "http.maxBodyBytes",
          "must be 32 KiB more than the longest input or result (" + largest + ")",
          http.maxBodyBytes());
    }
    if (http.maxBatchBodyBytes() < http.maxBodyBytes()) {
      throw Rules.refuse(
          "http.maxBatchBodyBytes",
          "must be at least http.maxBodyBytes (" + http.maxBodyBytes() + ")",
          http.maxBatchBodyBytes());
    }
  }

  /**
   * Reads the settings. What is set on the command line overrides the environment, which overrides
   * the file, which overrides the defaults.
   *
   * @param file a YAML file that must be there; if empty, {@code config/postrider.yaml} in the
   *     working directory is read if it is there
   * @param environment variables; {@code POSTRIDER_HTTP_PORT} sets {@code http.port}
   * @param sets settings in the form {@code http.port=8080}
   * @throws ConfigException if one of them is unknown or breaks its rule
   */
  public static PostriderConfig load(
      Optional<Path> file, Map<String, String> environment, List<String> sets) {
    Path usual = Path.of("config", "postrider.yaml");
    return new Settings()
        .addFile(file, usual)
        .addEnvironment(environment)
        .addAssignments(sets)
        .toConfig();
  }

  /** All settings in force, a line per section, with passwords masked. */
  public String effective() {
    return ConfigTree.describe(this);
  }
}
