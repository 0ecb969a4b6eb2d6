package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.JobContent;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOptions;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.RunId;
import dev.postrider.job.StartPolicies;
import dev.postrider.job.StartRequest;
import dev.postrider.job.StartTime;
import dev.postrider.job.Timeouts;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The record's layout stands twice, in Java and in Lua; here the two are held against each other.
 */
@ExtendWith(RedisExtension.class)
class JobRecordTest {
  private static final Duration LONGEST = Duration.ofDays(36500);

  /** What a record holds before its sections, at random but for the letters. */
  private static Buffer head(Random random) {
    byte[] head = new byte[124];
    random.nextBytes(head);
    head[0] = 'A';
    head[9] = pick(random, "SWPRcprkCFXTO");
    head[38] = pick(random, "-cfbt");
    head[69] = pick(random, "-NTMC");
    head[71] = pick(random, "12345");
    head[55] = (byte) random.nextInt(12);
    for (int at : new int[] {18, 24, 43, 49, 80, 86, 96, 102, 108, 114}) {
      // a record's moments are at most the year 9999's, and its durations a hundred years
      head[at] = 0;
    }
    return Buffer.buffer(head);
  }

  private static byte pick(Random random, String letters) {
    return (byte) letters.charAt(random.nextInt(letters.length()));
  }

  private static StartRequest longest() {
    String thousand = "ü".repeat(500);
    return new StartRequest(
        new JobKey("default", "a"),
        thousand,
        thousand,
        "https://" + "d".repeat(255) + ":65535",
        new JobOptions(
            new Timeouts(LONGEST, LONGEST, LONGEST, LONGEST),
            new RetryPolicy(
                LONGEST, 1_000_000, LONGEST, Integer.MAX_VALUE, List.of(thousand, "", "x"), 1),
            new Priority(5, "k".repeat(64), 1000)),
        new JobContent(
            Buffer.buffer("\"" + "x".repeat(1022) + "\""),
            Buffer.buffer("{\"a\":1}"),
            "summary",
            "details"),
        StartPolicies.DEFAULT,
        StartTime.NOW,
        false,
        thousand);
  }

  private static StartRequest shortest() {
    return new StartRequest(
        new JobKey("default", "a"),
        "t",
        "q",
        "",
        new JobOptions(
            new Timeouts(null, null, null, null), RetryPolicy.DEFAULT, new Priority(1, "", 0.001)),
        new JobContent(null, null, null, null),
        StartPolicies.DEFAULT,
        StartTime.NOW,
        false,
        null);
  }

  static LongStream seeds() {
    return LongStream.range(0, 40);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void luaAndJava_readTheSame(long seed, RedisServer redis) {
    Random random = new Random(seed);
    StartRequest request = seed % 2 == 0 ? longest() : shortest();
    Buffer blob = NewRecord.of(request, new RunId(1), 2).blob();
    Buffer bytes = head(random).appendBuffer(blob, 25 + 22, blob.length() - 25 - 22);
    JobRecord record = new JobRecord(bytes);

    Map<String, String> lua = inLua(redis, bytes);

    Map<String, String> java = new HashMap<>();
    java.put("version", "A");
    java.put("fence", bits(record.fence()));
    java.put("state", String.valueOf(record.state()));
    java.put("nonce", bits(record.nonce()));
    java.put("started_at", ms(record.startedAt()));
    java.put("heartbeat_at", ms(record.heartbeatAt()));
    java.put("worker", Integer.toUnsignedString(record.workerNumber()));
    java.put("heartbeats", Integer.toUnsignedString(record.heartbeats()));
    java.put("ender", String.valueOf(record.ender()));
    java.put("attempt", Integer.toUnsignedString(record.attempt()));
    java.put("dispatch_at", ms(record.dispatchAt()));
    java.put("closed_at", ms(record.closedAt()));
    java.put("lease_losses", String.valueOf(record.leaseLosses()));
    java.put("retry_state", retryState(record));
    java.put("flags", flags(record));
    java.put("run_id", bits(record.runId().bits()));
    java.put("created_at", ms(record.createdAt()));
    java.put("first_dispatch_at", ms(record.firstDispatchAt()));
    java.put("expires_at", ms(record.expiresAt()));
    JobOptions options = record.options();
    java.put("schedule_to_start", ms(options.timeouts().scheduleToStart()));
    java.put("start_to_close", ms(options.timeouts().startToClose()));
    java.put("heartbeat_timeout", ms(options.timeouts().heartbeat()));
    java.put("priority", String.valueOf(options.priority().priorityKey()));
    java.put(
        "weight",
        Integer.toUnsignedString(PackedPolicy.thousandths(options.priority().fairnessWeight())));
    java.put("fairness", latin(record.fairnessKey));
    java.put("destination", latin(record.destination));
    java.put("queue", latin(record.taskQueue));
    java.put("type", latin(record.type));
    assertThat(lua).isEqualTo(java);
  }

  @Test
  void aStart_isReadBackWhole(RedisServer redis) {
    for (StartRequest request : List.of(longest(), shortest())) {
      try (RawRedis raw = new RawRedis(redis.address())) {
        raw.call("FLUSHALL");
        Buffer record = started(raw, request);
        JobRecord read = new JobRecord(record);
        assertThat(read.options()).isEqualTo(request.options());
        assertThat(read.content(null)).isEqualTo(request.content());
        assertThat(read.type).isEqualTo(request.type());
        assertThat(read.taskQueue).isEqualTo(request.taskQueue());
        assertThat(read.destination).isEqualTo(request.destination());
        assertThat(read.requestId)
            .isEqualTo(request.requestId() == null ? "" : request.requestId());
        assertThat(read.runId()).isEqualTo(ScriptTest.runId("a"));
        assertThat(read.createdAt()).isEqualTo(Instant.ofEpochMilli(ScriptTest.T0));
        assertThat(inLua(redis, record)).containsEntry("queue", latin(request.taskQueue()));
      }
    }
  }

  private static Buffer started(RawRedis raw, StartRequest request) {
    Keys keys = new Keys(1);
    String name = Keys.name(request.key());
    List<Object> call =
        new java.util.ArrayList<>(
            List.of(
                "EVAL",
                ScriptTexts.of(Scripts.START),
                2,
                keys.meta(0),
                keys.job(0, name),
                ScriptTest.T0,
                "random--",
                Packed.ms(Buffer.buffer().appendInt(1), 1)));
    call.addAll(List.of(ScriptTest.startArguments(request, "a")));
    raw.call(call.toArray());
    return RawRedis.bytes(raw.text("GET", keys.job(0, name)));
  }

  private static Map<String, String> inLua(RedisServer redis, Buffer record) {
    try (RawRedis raw = new RawRedis(redis.address())) {
      List<?> pairs = raw.list("EVAL", LuaSource.text("test/record"), 0, record);
      Map<String, String> fields = new HashMap<>();
      for (int i = 0; i < pairs.size(); i += 2) {
        fields.put(pairs.get(i).toString(), pairs.get(i + 1).toString());
      }
      return fields;
    }
  }

  private static String flags(JobRecord record) {
    String[] names = {
      "input", "no input", "attempts", "heartbeat", "controls", "built-in", "given delay"
    };
    StringBuilder flags = new StringBuilder();
    for (int i = 0; i < names.length; i++) {
      if (record.has(1 << i)) {
        flags.append(flags.isEmpty() ? "" : ",").append(names[i]);
      }
    }
    return flags.toString();
  }

  private static String retryState(JobRecord record) {
    if (record.retryState() == null) {
      return "-";
    }
    return switch (record.retryState()) {
      case NON_RETRYABLE_FAILURE -> "N";
      case TIMEOUT -> "T";
      case MAXIMUM_ATTEMPTS_REACHED -> "M";
      case CANCEL_REQUESTED -> "C";
      default -> "?";
    };
  }

  private static String bits(long bits) {
    return Buffer.buffer().appendLong(bits).toString("ISO-8859-1");
  }

  private static String latin(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static String ms(@Nullable Instant at) {
    return String.valueOf(at == null ? 0 : at.toEpochMilli());
  }

  private static String ms(@Nullable Duration duration) {
    return String.valueOf(duration == null ? 0 : duration.toMillis());
  }
}
