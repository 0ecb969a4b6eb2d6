package dev.postrider.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostriderConfigTest {

  private static final Path REFERENCE = Path.of("config", "postrider.yaml");

  @TempDir Path directory;

  @Test
  void theReferenceFileHoldsEveryKeyAtItsDefault() {
    Map<String, String> file = ConfigFile.read(REFERENCE);
    assertThat(file.keySet()).containsExactlyElementsOf(ConfigTree.types().keySet());
    ConfigTree.values(PostriderConfig.DEFAULT)
        .forEach((key, value) -> assertThat(file.get(key)).isEqualTo(Values.format(key, value)));
    assertThat(PostriderConfig.load(Optional.of(REFERENCE), Map.of(), List.of()))
        .isEqualTo(PostriderConfig.DEFAULT);
  }

  @Test
  void everyLineOfTheReferenceFileThatSetsAValueHasASentence() throws IOException {
    List<String> lines = Files.readAllLines(REFERENCE);
    for (int i = 1; i < lines.size(); i++) {
      boolean setsValue = lines.get(i).matches("\\s*[a-zA-Z]+: .+");
      boolean saysItself = lines.get(i).strip().startsWith("host: ");
      if (setsValue && !saysItself) {
        assertThat(lines.get(i - 1).strip()).as(lines.get(i)).startsWith("#").endsWith(".");
      }
    }
  }

  @Test
  void theFileOverridesTheDefaults() throws IOException {
    Path file =
        file(
            """
            http:
              port: 9090
              maxBodyBytes: 3MiB
            delivery:
              taskQueues: [webhooks, slow]
              allowedNetworks: 10.0.0.0/8, fd00::/8
              connectTimeout: 250ms
            redis:
            durability:
              require: fsync
            partitions: 4
            """);
    PostriderConfig config = PostriderConfig.load(Optional.of(file), Map.of(), List.of());
    assertThat(config.http().port()).isEqualTo(9090);
    assertThat(config.http().maxBodyBytes()).isEqualTo(3 * 1024 * 1024);
    assertThat(config.delivery().taskQueues()).containsExactly("webhooks", "slow");
    assertThat(config.delivery().allowedNetworks()).containsExactly("10.0.0.0/8", "fd00::/8");
    assertThat(config.delivery().connectTimeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(config.durability().require()).isEqualTo(DurabilityConfig.Require.FSYNC);
    assertThat(config.partitions()).isEqualTo(4);
    assertThat(config.limits()).isEqualTo(LimitsConfig.DEFAULT);
  }

  @Test
  void theCommandLineOverridesTheEnvironmentAndThatTheFile() throws IOException {
    Path file = file("http: {port: 1001}\nmanagement: {port: 1002}\ndata: {directory: one}\n");
    Map<String, String> environment =
        Map.of("POSTRIDER_HTTP_PORT", "2001", "POSTRIDER_MANAGEMENT_PORT", "2002", "PATH", "/bin");
    PostriderConfig config =
        PostriderConfig.load(Optional.of(file), environment, List.of("http.port=3001"));
    assertThat(config.http().port()).isEqualTo(3001);
    assertThat(config.management().port()).isEqualTo(2002);
    assertThat(config.data().directory()).isEqualTo(Path.of("one"));
  }

  @ParameterizedTest
  @CsvSource({
    "http.port, POSTRIDER_HTTP_PORT",
    "http.maxBodyBytes, POSTRIDER_HTTP_MAX_BODY_BYTES",
    "delivery.maxInFlightPerDestination, POSTRIDER_DELIVERY_MAX_IN_FLIGHT_PER_DESTINATION",
    "partitions, POSTRIDER_PARTITIONS"
  })
  void aKeyHasAnEnvironmentVariable(String key, String variable) {
    assertThat(Settings.variable(key)).isEqualTo(variable);
  }

  @ParameterizedTest
  @CsvSource({
    "htp.port, http.port",
    "http.Port, http.port",
    "http.prot, http.port",
    "taskQueues, delivery.taskQueues",
    "redis.timeout, ''",
    "nonsense, ''"
  })
  void anUnknownKeyIsRefusedWithASuggestion(String key, String suggestion) {
    String end = suggestion.isEmpty() ? "in --set" : "did you mean " + suggestion + "?";
    refused(Map.of(), key + "=1").withMessageStartingWith("unknown setting " + key);
    refused(Map.of(), key + "=1").withMessageEndingWith(end);
  }

  @Test
  void anUnknownKeyOfTheFileIsRefusedWithItsPlace() throws IOException {
    Path file = file("http:\n  ports: 1\n");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> PostriderConfig.load(Optional.of(file), Map.of(), List.of()))
        .withMessage("unknown setting http.ports in " + file + ", did you mean http.port?");
  }

  @Test
  void anEnvironmentVariableThatIsNearlyASettingIsRefused() {
    refused(Map.of("POSTRIDER_HTTP_PROT", "1"))
        .withMessage(
            "unknown environment variable POSTRIDER_HTTP_PROT, did you mean POSTRIDER_HTTP_PORT?");
    refused(Map.of("POSTRIDER_HTTP_COLOUR", "1"))
        .withMessage("unknown environment variable POSTRIDER_HTTP_COLOUR");
    refused(Map.of("POSTRIDER_PARTITION", "1"))
        .withMessageContaining("did you mean POSTRIDER_PARTITIONS?");
  }

  @Test
  void whatAnOrchestratorSetsForAServiceOfThisNameIsLeftAlone() {
    Map<String, String> environment =
        Map.of(
            "POSTRIDER_SERVICE_HOST", "10.0.0.1",
            "POSTRIDER_PORT", "tcp://10.0.0.1:8080",
            "POSTRIDER_PORT_8080_TCP", "tcp://10.0.0.1:8080");
    assertThat(load(environment)).isEqualTo(PostriderConfig.DEFAULT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http.port=http | http.port must be a number, not \"http\" (from --set)",
        "http.port=65536 | http.port must be 0 to 65535, not 65536 (from --set)",
        "http.port=-1 | http.port must be 0 to 65535, not -1 (from --set)",
        "http.port=99999999999 | http.port must be at most 2147483647, not 99999999999 (from --set)",
        "http.host= | http.host must not be empty, not \"\" (from --set)",
        "http.eventLoops=65 | http.eventLoops must be 0 to 64, not 65 (from --set)",
        "management.port=8080 | management.port must differ from http.port, not 8080 (from --set)",
        "partitions=0 | partitions must be 1 to 64, not 0 (from --set)",
        "partitions=65 | partitions must be 1 to 64, not 65 (from --set)",
        "durability.require=maybe | durability.require must be any or fsync, not \"maybe\" (from --set)",
        "redis.commandTimeout=99ms | redis.commandTimeout must be 100ms to 5m, not 99ms (from --set)",
        "redis.maxInFlight=0 | redis.maxInFlight must be 1 to 1000000, not 0 (from --set)",
        "delivery.maxInFlight=0 | delivery.maxInFlight must be 1 to 100000, not 0 (from --set)",
        "delivery.allowedNetworks=auto,10.0.0.0/8 | delivery.allowedNetworks must be auto alone or a list of networks, not [auto, 10.0.0.0/8] (from --set)",
        "delivery.taskQueues=a,a | delivery.taskQueues must name each queue once, not [a, a] (from --set)",
        "limits.maxListScan=0 | limits.maxListScan must be 1 to 1000000, not 0 (from --set)",
        "limits.maxQueueEntries=10001 | limits.maxQueueEntries must be 1 to 10000, not 10001 (from --set)",
        "limits.maxAttemptsKept=1 | limits.maxAttemptsKept must be 2 to 1000, not 1 (from --set)",
        "http.maxBodyBytes=1MiB | http.maxBodyBytes must be 32 KiB more than the longest input or result (1048576), not 1048576 (from --set)",
        "http.maxBatchBodyBytes=1MiB | http.maxBatchBodyBytes must be at least http.maxBodyBytes (2162688), not 1048576 (from --set)",
        "node.name=a b | node.name must be at most 64 letters, digits, dots, dashes or underscores, not a b (from --set)",
        "http.port | --set must be key=value, not \"http.port\"",
      })
  void aBadValueIsRefusedWithKeyRuleAndValue(String assignment, String message) {
    refused(Map.of(), assignment).withMessage(message);
  }

  @Test
  void aBadDurationIsRefusedWithTheNotation() {
    refused(Map.of(), "retention.closedJobs=7")
        .withMessageStartingWith("retention.closedJobs must be a whole number of at most 12 digits")
        .withMessageEndingWith("not \"7\" (from --set)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http: [", "- http", "http", "http:\n  port: 1\n  port: 2\n"})
  void aFileThatIsNoSettingsIsRefusedWithItsName(String text) throws IOException {
    Path file = file(text);
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> PostriderConfig.load(Optional.of(file), Map.of(), List.of()))
        .withMessageContaining(file.toString())
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @Test
  void aMissingFileIsRefusedOnlyIfItWasAskedFor() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () -> PostriderConfig.load(Optional.of(Path.of("nowhere")), Map.of(), List.of()))
        .withMessageContaining("nowhere");
    Path missing = directory.resolve("missing.yaml");
    assertThat(new Settings().addFile(Optional.empty(), missing).toConfig())
        .isEqualTo(PostriderConfig.DEFAULT);
  }

  @Test
  void anEmptyFileIsTheDefaults() throws IOException {
    Path file = file("# nothing yet\n");
    assertThat(PostriderConfig.load(Optional.of(file), Map.of(), List.of()))
        .isEqualTo(PostriderConfig.DEFAULT);
  }

  @ParameterizedTest
  @CsvSource({
    "redis://user:secret@host:1/0, redis://user:****@host:1/0",
    "rediss://:se/c@ret@host, rediss://:****@host",
    "unix:///tmp/redis.sock?user=u&password=secret&db=1, "
        + "unix:///tmp/redis.sock?user=u&password=****&db=1",
    "redis://host:6379, redis://host:6379"
  })
  void secretsAreMaskedWhereverSettingsAreShown(String url, String shown) {
    PostriderConfig config =
        PostriderConfig.load(Optional.empty(), Map.of(), List.of("redis.url=" + url));
    assertThat(config.redis().url()).isEqualTo(url);
    assertThat(config.effective()).contains("redis: url=" + shown + " ").doesNotContain("secret");
    assertThat(config.toString()).contains(shown).doesNotContain("secret");
  }

  @Test
  void theEffectiveSettingsAreALinePerSection() {
    assertThat(PostriderConfig.DEFAULT.effective())
        .contains("\nmanagement: host=127.0.0.1 port=8081\n")
        .contains("\npartitions: 1\n")
        .contains("maxBodyBytes=2112KiB")
        .hasLineCount(11);
  }

  @Test
  void derivedDefaultsFollowWhatTheyAreDerivedFrom() {
    assertThat(HttpConfig.DEFAULT.eventLoops(2)).isEqualTo(2);
    assertThat(HttpConfig.DEFAULT.eventLoops(64)).isEqualTo(4);
    assertThat(load(Map.of("POSTRIDER_HTTP_EVENT_LOOPS", "7")).http().eventLoops(2)).isEqualTo(7);
    assertThat(DeliveryConfig.DEFAULT.perDestination()).isEqualTo(32);
    assertThat(load(Map.of("POSTRIDER_DELIVERY_MAX_IN_FLIGHT", "7")).delivery().perDestination())
        .isEqualTo(1);
  }

  private static PostriderConfig load(Map<String, String> environment) {
    return PostriderConfig.load(Optional.empty(), environment, List.of());
  }

  private static ThrowableAssertAlternative<ConfigException> refused(
      Map<String, String> environment, String... sets) {
    return assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> PostriderConfig.load(Optional.empty(), environment, List.of(sets)));
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("postrider.yaml"), text);
  }
}
