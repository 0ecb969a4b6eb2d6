package dev.postrider.benchmarks;

import dev.postrider.testing.RedisServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;

/** BullMQ on the same Redis, driven by {@code benchmarks/peers/bullmq/bullmq.mjs}. */
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
    String socket = ((UnixDomainSocketAddress) redis.address()).getPath().toString();
    Process process =
        new ProcessBuilder(
                "node",
                "benchmarks/peers/bullmq/bullmq.mjs",
                socket,
                Integer.toString(jobs),
                Integer.toString(batch))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("bullmq.mjs failed: " + output);
    }
    JsonObject answer = new JsonObject(output);
    return new Round(
        answer.getDouble("addCpu"),
        answer.getDouble("workCpu"),
        answer.getDouble("addScript"),
        answer.getDouble("workScript"),
        answer.getDouble("calls"),
        answer.getDouble("bytesQueued"),
        answer.getDouble("bytesClosed"));
  }
}
