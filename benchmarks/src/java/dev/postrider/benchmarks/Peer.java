package dev.postrider.benchmarks;

import dev.postrider.testing.RedisServer;
import dev.postrider.testing.StartTimes;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** BullMQ on the same Redis, driven by the scripts in {@code benchmarks/peers/bullmq}. */
final class Peer {

  /** Microseconds and bytes per job. */
  record Round(
      double addCpu,
      double workCpu,
      double addScript,
      double workScript,
      double calls,
      double bytesQueued,
      double bytesClosed) {}

  private Peer() {}

  static Round measure(RedisServer redis, int jobs, int batch)
      throws IOException, InterruptedException {
    JsonObject answer = new JsonObject(run("bullmq.mjs", redis, jobs, batch));
    return new Round(
        answer.getDouble("addCpu"),
        answer.getDouble("workCpu"),
        answer.getDouble("addScript"),
        answer.getDouble("workScript"),
        answer.getDouble("calls"),
        answer.getDouble("bytesQueued"),
        answer.getDouble("bytesClosed"));
  }

  /** When each job was started in one run under its limiter, as {@link RateLimits} has it. */
  static StartTimes underLimit(RedisServer redis, int rate, int seconds, int workers, int later)
      throws IOException, InterruptedException {
    JsonArray started =
        new JsonArray(run("rate-limit.mjs", redis, rate, 1_000, seconds, workers, later));
    return StartTimes.of(
        IntStream.range(0, started.size())
            .mapToObj(i -> Instant.ofEpochMilli(started.getLong(i)))
            .toList());
  }

  private static String run(String script, RedisServer redis, int... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("node", "benchmarks/peers/bullmq/" + script));
    command.add(((UnixDomainSocketAddress) redis.address()).getPath().toString());
    IntStream.of(arguments).mapToObj(Integer::toString).forEach(command::add);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(script + " failed: " + output);
    }
    return output;
  }
}
