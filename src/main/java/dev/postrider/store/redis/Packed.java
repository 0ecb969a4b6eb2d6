package dev.postrider.store.redis;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Numbers and texts as they lie in packed values: big-endian, texts behind their lengths. */
final class Packed {
  private Packed() {}

  /** Milliseconds in six bytes; null = 0. */
  static Buffer ms(Buffer into, @Nullable Duration duration) {
    return ms(into, duration == null ? 0 : duration.toMillis());
  }

  static Buffer ms(Buffer into, long ms) {
    return into.appendShort((short) (ms >>> 32)).appendInt((int) ms);
  }

  /** A text of at most 65 535 bytes behind a length of two. */
  static Buffer text(Buffer into, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return into.appendShort((short) bytes.length).appendBytes(bytes);
  }

  /** A text or value that may be absent: its length plus one in four bytes, 0 = absent. */
  static Buffer optional(Buffer into, @Nullable Buffer value) {
    return value == null
        ? into.appendInt(0)
        : into.appendInt(value.length() + 1).appendBuffer(value);
  }

  static Buffer optional(Buffer into, @Nullable String text) {
    return optional(into, text == null ? null : Buffer.buffer(text));
  }
}
