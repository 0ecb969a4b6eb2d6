package dev.postrider.store.redis;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads packed values one after another. */
final class Unpacked {
  private final Buffer bytes;
  private int at;

  Unpacked(Buffer bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  int at() {
    return at;
  }

  boolean hasMore() {
    return at < bytes.length();
  }

  char letter() {
    return (char) bytes.getUnsignedByte(at++);
  }

  int u1() {
    return bytes.getUnsignedByte(at++);
  }

  int u2() {
    at += 2;
    return bytes.getUnsignedShort(at - 2);
  }

  int u4() {
    at += 4;
    return bytes.getInt(at - 4);
  }

  long ms() {
    at += 6;
    return ((long) bytes.getUnsignedShort(at - 6) << 32) | bytes.getUnsignedInt(at - 4);
  }

  long u8() {
    at += 8;
    return bytes.getLong(at - 8);
  }

  Buffer bytes(int length) {
    at += length;
    return bytes.getBuffer(at - length, at);
  }

  String text(int length) {
    at += length;
    return bytes.getString(at - length, at, StandardCharsets.UTF_8.name());
  }

  String text() {
    return text(u2());
  }

  /** What {@link Packed#optional} wrote. */
  @Nullable Buffer optional() {
    int length = u4();
    return length == 0 ? null : bytes(length - 1);
  }

  @Nullable String optionalText() {
    Buffer text = optional();
    return text == null ? null : text.toString(StandardCharsets.UTF_8);
  }

  /** Up to the next line feed, or the end; what is read so holds none. */
  String line() {
    int from = at;
    while (at < bytes.length() && bytes.getByte(at) != '\n') {
      at++;
    }
    return bytes.getString(from, at, StandardCharsets.UTF_8.name());
  }

  void skip(int length) {
    at += length;
  }
}
