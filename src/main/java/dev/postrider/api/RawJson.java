package dev.postrider.api;

import com.fasterxml.jackson.core.SerializableString;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Bytes that are a JSON value already and go out as they came in. */
final class RawJson implements SerializableString {

  private final byte[] bytes;

  RawJson(Buffer value) {
    bytes = value.getBytes();
  }

  @Override
  public byte[] asUnquotedUTF8() {
    return bytes;
  }

  @Override
  public int appendUnquotedUTF8(byte[] buffer, int offset) {
    if (bytes.length > buffer.length - offset) {
      return -1;
    }
    System.arraycopy(bytes, 0, buffer, offset, bytes.length);
    return bytes.length;
  }

  @Override
  public int writeUnquotedUTF8(OutputStream out) throws IOException {
    out.write(bytes);
    return bytes.length;
  }

  @Override
  public int putUnquotedUTF8(ByteBuffer out) {
    if (bytes.length > out.remaining()) {
      return -1;
    }
    out.put(bytes);
    return bytes.length;
  }

  @Override
  public String getValue() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public int charLength() {
    return getValue().length();
  }

  @Override
  public char[] asQuotedChars() {
    throw notQuoted();
  }

  @Override
  public byte[] asQuotedUTF8() {
    throw notQuoted();
  }

  @Override
  public int appendQuotedUTF8(byte[] buffer, int offset) {
    throw notQuoted();
  }

  @Override
  public int appendQuoted(char[] buffer, int offset) {
    throw notQuoted();
  }

  @Override
  public int appendUnquoted(char[] buffer, int offset) {
    throw notQuoted();
  }

  @Override
  public int writeQuotedUTF8(OutputStream out) {
    throw notQuoted();
  }

  @Override
  public int putQuotedUTF8(ByteBuffer buffer) {
    throw notQuoted();
  }

  private static UnsupportedOperationException notQuoted() {
    return new UnsupportedOperationException("a JSON value is not written inside quotes");
  }
}
