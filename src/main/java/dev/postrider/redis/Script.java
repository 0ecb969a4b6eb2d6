package dev.postrider.redis;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** A Lua script and the name that Redis knows it by: the SHA-1 of its source. */
public final class Script {

  private final String name;
  private final String sha1;
  private final byte[] sha1Bytes;
  private final byte[] sourceBytes;

  /**
   * @param name for people, in logs and metrics
   * @param source the whole script
   */
  public Script(String name, String source) {
    this.name = name;
    this.sourceBytes = source.getBytes(StandardCharsets.UTF_8);
    this.sha1 = sha1(sourceBytes);
    this.sha1Bytes = sha1.getBytes(StandardCharsets.US_ASCII);
  }

  /** Its name for people. */
  public String name() {
    return name;
  }

  /** Its name for Redis, forty hexadecimal digits. */
  public String sha1() {
    return sha1;
  }

  /** The call by name, which costs its arguments only. */
  Request evalSha(List<?> keys, List<?> args) {
    return request(Command.EVALSHA, sha1Bytes, keys, args);
  }

  /** The call that brings the source, for a Redis that does not know it yet. */
  Request eval(List<?> keys, List<?> args) {
    return request(Command.EVAL, sourceBytes, keys, args);
  }

  @Override
  public String toString() {
    return "Script[" + name + " " + sha1 + "]";
  }

  private static Request request(Command command, byte[] script, List<?> keys, List<?> args) {
    Object[] all = new Object[2 + keys.size() + args.size()];
    all[0] = script;
    all[1] = keys.size();
    int next = 2;
    for (Object key : keys) {
      all[next++] = key;
    }
    for (Object arg : args) {
      all[next++] = arg;
    }
    return Request.cmd(command, all);
  }

  private static String sha1(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }
}
