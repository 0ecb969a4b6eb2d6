package dev.postrider.job;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The right to report on one attempt. It fences: the store accepts it only while that very lease
 * holds. On the wire it is opaque, URL-safe and at most 4 096 characters.
 *
 * @param attempt the attempt that was leased
 * @param nonce eight random bytes that the node chose for the leasing call
 */
public record TaskToken(JobKey key, int attempt, long nonce) {
  private static final int MAX_CHARACTERS = 4096;
  private static final byte VERSION = 1;

  public String encode() {
    byte[] namespace = key.namespace().getBytes(StandardCharsets.UTF_8);
    byte[] id = key.id().getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(1 + 4 + 8 + 2 + namespace.length + id.length);
    bytes.put(VERSION).putInt(attempt).putLong(nonce);
    bytes.putShort((short) namespace.length).put(namespace).put(id);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  /** Reads a token; empty when it could not have come from {@link #encode}. */
  public static Optional<TaskToken> decode(String text) {
    if (text.length() > MAX_CHARACTERS) {
      return Optional.empty();
    }
    byte[] raw;
    try {
      raw = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.wrap(raw);
    if (bytes.remaining() < 15 || bytes.get() != VERSION) {
      return Optional.empty();
    }
    int attempt = bytes.getInt();
    long nonce = bytes.getLong();
    int namespaceLength = bytes.getShort() & 0xffff;
    if (attempt < 1 || namespaceLength < 1 || namespaceLength >= bytes.remaining()) {
      return Optional.empty();
    }
    String namespace = new String(raw, bytes.position(), namespaceLength, StandardCharsets.UTF_8);
    int idAt = bytes.position() + namespaceLength;
    String id = new String(raw, idAt, raw.length - idAt, StandardCharsets.UTF_8);
    TaskToken token = new TaskToken(new JobKey(namespace, id), attempt, nonce);
    return token.encode().equals(text) ? Optional.of(token) : Optional.empty();
  }
}
