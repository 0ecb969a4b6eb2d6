package dev.postrider.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postrider.config.DataConfig;
import dev.postrider.config.RedisConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRedisTest {

  private static final Map<String, String> ABOUT = Map.of("http", "127.0.0.1:8080");

  @TempDir Path parent;
  private Path directory;
  private RedisHome home;

  @BeforeEach
  void chooseDirectory() {
    directory = parent.resolve("data");
    home = RedisHome.in(directory);
  }

  @AfterEach
  void endWhatRuns() {
    RedisProcess.find(home).ifPresent(process -> process.stop(Duration.ofSeconds(10)));
  }

  @Test
  void whatWasWrittenIsThereAfterStopAndStart() throws IOException {
    EmbeddedRedis first = start();
    assertThat(first.adopted()).isFalse();
    assertThat(call("SET", "key", "value")).isEqualTo("OK");
    first.stop();
    assertThat(RedisProcess.find(home)).isEmpty();

    EmbeddedRedis second = start();
    assertThat(second.adopted()).isFalse();
    assertThat(call("GET", "key")).isEqualTo("value");
    second.stop();
  }

  @Test
  void itRunsWithTheSettingsOfItsFile() throws IOException {
    EmbeddedRedis redis = start();
    assertThat(setting("appendonly")).isEqualTo("yes");
    assertThat(setting("appendfsync")).isEqualTo("always");
    assertThat(setting("maxmemory-policy")).isEqualTo("noeviction");
    assertThat(setting("save")).isEmpty();
    assertThat(setting("auto-aof-rewrite-min-size")).isEqualTo(String.valueOf(256 << 20));
    assertThat(setting("port")).isEqualTo("0");
    redis.stop();
  }

  @Test
  void itRunsInASessionOfItsOwn() throws IOException {
    EmbeddedRedis redis = start();
    assertThat(session(redis.pid())).isNotEqualTo(session(ProcessHandle.current().pid()));
    redis.stop();
  }

  @Test
  void onlyItsOwnerMayOpenItsSocketAndDirectory() throws IOException {
    EmbeddedRedis redis = start();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.socket())))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
    redis.stop();
  }

  @Test
  void withoutAnInstalledServerTheCarriedOneRuns() throws IOException {
    EmbeddedRedis redis =
        EmbeddedRedis.start(new DataConfig(directory), RedisConfig.DEFAULT, ABOUT, "");
    assertThat(String.valueOf(call("INFO", "server")))
        .contains("executable:" + home.directory().resolve("bin"));
    redis.stop();
  }

  @Test
  void aSecondServiceIsToldWhoHoldsTheDirectoryAndHowToJoin() {
    EmbeddedRedis redis = start();
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(this::start)
        .withMessageContaining("is in use by another Postrider")
        .withMessageContaining("pid=" + ProcessHandle.current().pid())
        .withMessageContaining("http=127.0.0.1:8080")
        .satisfies(e -> assertThat(e.hint()).contains("redis.url=" + redis.url()));
    redis.stop();
    start().stop();
  }

  @Test
  void aServiceInAnotherProcessHoldsTheDirectoryToo() throws Exception {
    Process other = startOther();
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(this::start)
        .withMessageContaining("pid=" + other.pid())
        .withMessageContaining("http=127.0.0.1:1");
    other.getOutputStream().close();
    assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(RedisProcess.find(home)).isEmpty();
    start().stop();
  }

  @Test
  void theRedisOfAServiceThatWasKilledIsTakenOver() throws Exception {
    Process other = startOther();
    call("SET", "key", "value");
    other.destroyForcibly().waitFor();
    long left = RedisProcess.find(home).orElseThrow().pid();

    EmbeddedRedis redis = start();
    assertThat(redis.adopted()).isTrue();
    assertThat(redis.pid()).isEqualTo(left);
    assertThat(call("GET", "key")).isEqualTo("value");
    redis.stop();
    assertThat(RedisProcess.find(home)).isEmpty();
  }

  @Test
  void aRedisThatDiesIsStartedAgainWithItsData() throws Exception {
    EmbeddedRedis redis = start();
    call("SET", "key", "value");
    for (int round = 0; round < 2; round++) {
      long killed = redis.pid();
      ProcessHandle.of(killed).orElseThrow().destroyForcibly();
      until(() -> redis.pid() != killed);
      assertThat(call("GET", "key")).isEqualTo("value");
    }
    redis.stop();
    assertThat(RedisProcess.find(home)).isEmpty();
  }

  @Test
  void aTakenOverRedisThatDiesIsStartedAgainToo() throws Exception {
    Process other = startOther();
    other.destroyForcibly().waitFor();
    EmbeddedRedis redis = start();
    long killed = redis.pid();
    ProcessHandle.of(killed).orElseThrow().destroyForcibly();
    until(() -> redis.pid() != killed);
    redis.stop();
  }

  @Test
  void aClosedConnectionIsNotTakenForADeath() throws Exception {
    EmbeddedRedis redis = start();
    long pid = redis.pid();
    for (int round = 0; round < 3; round++) {
      until(() -> connections() == 2);
      assertThat(call("CLIENT", "KILL", "TYPE", "normal")).isEqualTo("1");
    }
    until(() -> connections() == 2);
    assertThat(redis.pid()).isEqualTo(pid);
    redis.stop();
  }

  @Test
  void aRedisThatDoesNotAnswerIsLeftAloneAndNamed() throws Exception {
    Process other = startOther();
    other.destroyForcibly().waitFor();
    long pid = RedisProcess.find(home).orElseThrow().pid();
    new ProcessBuilder("kill", "-STOP", String.valueOf(pid)).start().waitFor();
    try {
      assertThatExceptionOfType(StartupException.class)
          .isThrownBy(this::start)
          .withMessageContaining("does not answer");
    } finally {
      new ProcessBuilder("kill", "-CONT", String.valueOf(pid)).start().waitFor();
    }
    start().stop();
  }

  @Test
  void aRedisThatTurnsTheServiceAwayIsLeftAlone() throws Exception {
    Process other = startOther();
    other.destroyForcibly().waitFor();
    try (RedisProbe probe = RedisProbe.connect(home.socket(), Duration.ofSeconds(20))) {
      probe.call("CONFIG", "SET", "requirepass", "secret");
      assertThatExceptionOfType(StartupException.class)
          .isThrownBy(this::start)
          .withMessageContaining("turns the service away: NOAUTH");
      probe.call("CONFIG", "SET", "requirepass", "");
    }
  }

  @Test
  void aRedisWhoseSocketWasRemovedIsNotJoinedByASecond() throws Exception {
    Process other = startOther();
    other.destroyForcibly().waitFor();
    long pid = RedisProcess.find(home).orElseThrow().pid();
    Files.delete(home.socket());
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(this::start)
        .withMessageContaining("process " + pid)
        .satisfies(e -> assertThat(e.hint()).contains("kill " + pid));
    ProcessHandle.of(pid).orElseThrow().destroy();
    AtomicReference<EmbeddedRedis> started = new AtomicReference<>();
    until(
        () -> {
          try {
            started.set(start());
            return true;
          } catch (StartupException e) {
            return false;
          }
        });
    started.get().stop();
  }

  @Test
  void aPathTooLongForASocketGetsAShortOne() throws IOException {
    directory = parent.resolve("a".repeat(100)).resolve("data");
    home = RedisHome.in(directory);
    assertThat(home.socket().toString()).hasSizeLessThanOrEqualTo(100);
    assertThat(RedisHome.in(directory)).isEqualTo(home);
    EmbeddedRedis redis = start();
    assertThat(call("SET", "key", "value")).isEqualTo("OK");
    assertThat(home.directory().resolve("appendonlydir")).isDirectory();
    redis.stop();
    Files.deleteIfExists(home.socket().resolveSibling("redis.sock"));
    Files.delete(home.socket().getParent());
  }

  @Test
  void aRedisThatCannotStartSaysWhy() throws IOException {
    Path damaged = Files.createDirectories(home.directory().resolve("appendonlydir"));
    Files.writeString(damaged.resolve("appendonly.aof.manifest"), "nonsense");
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(this::start)
        .withMessageStartingWith("Redis did not start: ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"))
        .satisfies(e -> assertThat(e.hint()).contains("redis.log"));
  }

  @Test
  void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(parent.resolve("file"), "");
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(() -> RedisHome.in(file.resolve("data")))
        .withMessageContaining("file/data")
        .satisfies(e -> assertThat(e.hint()).contains("data.directory"));
  }

  private EmbeddedRedis start() {
    return EmbeddedRedis.start(new DataConfig(directory), RedisConfig.DEFAULT, ABOUT);
  }

  private Process startOther() throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                List.of(
                    java,
                    "-cp",
                    System.getProperty("java.class.path"),
                    HoldDirectory.class.getName(),
                    directory.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = process.inputReader();
    String line = output.readLine();
    while (line != null && !line.startsWith("pid ")) {
      line = output.readLine();
    }
    assertThat(line).isNotNull();
    return process;
  }

  private Object call(String... command) throws IOException {
    try (RedisProbe probe = RedisProbe.connect(home.socket(), Duration.ofSeconds(20))) {
      return String.valueOf(probe.call(command));
    }
  }

  /** How many there are, the one that asks included. */
  private long connections() {
    try {
      return String.valueOf(call("CLIENT", "LIST")).lines().count();
    } catch (IOException e) {
      return 0;
    }
  }

  private String setting(String name) throws IOException {
    try (RedisProbe probe = RedisProbe.connect(home.socket(), Duration.ofSeconds(20))) {
      List<?> pair = (List<?>) probe.call("CONFIG", "GET", name);
      return String.valueOf(pair == null ? null : pair.get(1));
    }
  }

  /** The sixth field of a process's stat file, counted behind its name. */
  private static String session(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5)[3];
  }

  private static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).isNegative();
      Thread.onSpinWait();
    }
  }
}
