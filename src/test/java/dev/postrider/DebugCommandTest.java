package dev.postrider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import picocli.CommandLine;

/** An operator looks at a record. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class DebugCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aRecordIsPrintedFieldByField(RedisServer redis, Vertx vertx) {
    TestStore store = new TestStore(vertx, redis);
    store.await(() -> store.jobs().start(Starts.job("a").fairness("tenant-7", 2).build()));
    assertThat(run("debug", "job", "a", "--set", "redis.url=" + redis.url())).isZero();
    assertThat(out.toString())
        .contains("{0}j:default/a")
        .containsPattern("state +S \\(running\\)")
        .contains("tenant-7")
        .containsPattern("created_at +2026-01-01T00:00:00Z");
  }

  @Test
  void aJobThatIsNotThereIsSaidToBeNone(RedisServer redis) {
    assertThat(run("debug", "job", "a", "--set", "redis.url=" + redis.url())).isNotZero();
    assertThat(err.toString()).contains("there is no job default/a");
  }

  @Test
  void aRunIdThatIsNoneIsRefused(RedisServer redis) {
    assertThat(run("debug", "job", "a", "--run", "x", "--set", "redis.url=" + redis.url()))
        .isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("--run takes the 16 digits of a run id, not x");
  }

  private int run(String... args) {
    return new CommandLine(new Main())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }
}
