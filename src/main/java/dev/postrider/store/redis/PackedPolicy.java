package dev.postrider.store.redis;

import dev.postrider.job.RetryPolicy;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A retry policy as it is packed, the way {@code lua/lib/retry.lua} reads it; the default as none.
 */
final class PackedPolicy {
  private PackedPolicy() {}

  /** Behind its length of two bytes. */
  static Buffer pack(Buffer into, RetryPolicy policy) {
    if (policy.equals(RetryPolicy.DEFAULT)) {
      return into.appendShort((short) 0);
    }
    Buffer bytes = Buffer.buffer();
    Packed.ms(bytes, policy.initialInterval());
    bytes.appendInt(thousandths(policy.backoffCoefficient()));
    Packed.ms(bytes, policy.maximumInterval());
    bytes.appendInt(policy.maximumAttempts());
    bytes.appendShort((short) thousandths(policy.jitter()));
    for (String type : policy.nonRetryableErrorTypes()) {
      Packed.text(bytes, type);
    }
    return into.appendShort((short) bytes.length()).appendBuffer(bytes);
  }

  static RetryPolicy unpack(Unpacked from) {
    int length = from.u2();
    if (length == 0) {
      return RetryPolicy.DEFAULT;
    }
    int end = from.at() + length;
    Duration initial = Duration.ofMillis(from.ms());
    double coefficient = from.u4() / 1000.0;
    Duration maximum = Duration.ofMillis(from.ms());
    int attempts = from.u4();
    double jitter = from.u2() / 1000.0;
    List<String> types = new ArrayList<>();
    while (from.at() < end) {
      types.add(from.text());
    }
    return new RetryPolicy(initial, coefficient, maximum, attempts, types, jitter);
  }

  static int thousandths(double value) {
    return (int) Math.round(value * 1000);
  }
}
