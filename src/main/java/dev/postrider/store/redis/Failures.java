package dev.postrider.store.redis;

import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.Failure;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Failures and receivers' answers as they are packed; opaque to the scripts. */
final class Failures {
  private Failures() {}

  static Buffer pack(Failure failure) {
    Buffer into = Buffer.buffer();
    for (Failure f = failure; f != null; f = f.cause()) {
      Packed.optional(into, f.type());
      Packed.optional(into, f.message());
      into.appendByte((byte) (f.nonRetryable() ? 1 : 0));
      Duration delay = f.nextRetryDelay();
      Packed.ms(into, delay == null ? 0 : delay.toMillis() + 1);
      Packed.optional(into, f.details());
      into.appendByte((byte) (f.cause() == null ? 0 : 1));
    }
    return into;
  }

  static Failure unpack(Buffer packed) {
    return unpack(new Unpacked(packed, 0));
  }

  private static Failure unpack(Unpacked from) {
    String type = orEmpty(from.optionalText());
    String message = orEmpty(from.optionalText());
    boolean nonRetryable = from.u1() == 1;
    long delay = from.ms();
    Buffer details = from.optional();
    Failure cause = from.u1() == 1 ? unpack(from) : null;
    return new Failure(
        type,
        message,
        nonRetryable,
        delay == 0 ? null : Duration.ofMillis(delay - 1),
        details,
        cause);
  }

  static Buffer pack(@Nullable DeliveryResponse response) {
    return response == null
        ? Buffer.buffer()
        : Buffer.buffer()
            .appendShort((short) response.status())
            .appendInt(response.durationMs())
            .appendBuffer(response.body());
  }

  static @Nullable DeliveryResponse unpackResponse(Buffer packed) {
    return packed.length() == 0
        ? null
        : new DeliveryResponse(
            packed.getUnsignedShort(0), packed.getInt(2), packed.getBuffer(6, packed.length()));
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
