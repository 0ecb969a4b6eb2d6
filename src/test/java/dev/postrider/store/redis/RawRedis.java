package dev.postrider.store.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.postrider.redis.RedisErrorException;
import io.vertx.core.buffer.Buffer;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A blocking connection that keeps bytes as they are: every byte is one character of the strings
 * that it takes and gives.
 */
final class RawRedis implements Closeable {
  private final SocketChannel channel;
  private final InputStream in;

  RawRedis(SocketAddress address) {
    try {
      channel =
          address instanceof UnixDomainSocketAddress
              ? SocketChannel.open(StandardProtocolFamily.UNIX)
              : SocketChannel.open();
      channel.connect(address);
      in = new BufferedInputStream(Channels.newInputStream(channel));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A String, a Long, a List of these, or null; arguments are Buffers, or texts of bytes. */
  @Nullable Object call(Object... command) {
    Buffer out = Buffer.buffer("*" + command.length + "\r\n");
    for (Object word : command) {
      Buffer bytes = word instanceof Buffer b ? b : bytes(word.toString());
      out.appendString("$" + bytes.length() + "\r\n").appendBuffer(bytes).appendString("\r\n");
    }
    try {
      ByteBuffer data = ByteBuffer.wrap(out.getBytes());
      while (data.hasRemaining()) {
        channel.write(data);
      }
      return read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next message of a subscription. */
  List<?> next() {
    try {
      if (read() instanceof List<?> message) {
        return message;
      }
      throw new IllegalStateException("not a message");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<?> list(Object... command) {
    if (call(command) instanceof List<?> list) {
      return list;
    }
    throw new IllegalStateException("no list");
  }

  String text(Object... command) {
    return String.valueOf(call(command));
  }

  static Buffer bytes(String text) {
    return Buffer.buffer(text.getBytes(ISO_8859_1));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable Object read() throws IOException {
    String line = line();
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> rest;
      case '-' -> throw new RedisErrorException(rest);
      case ':' -> Long.valueOf(rest);
      case '$' -> bulk(Integer.parseInt(rest));
      case '*' -> {
        int size = Integer.parseInt(rest);
        List<@Nullable Object> items = new ArrayList<>();
        for (int i = 0; i < size; i++) {
          items.add(read());
        }
        yield items;
      }
      default -> throw new IOException("not an answer: " + line);
    };
  }

  private @Nullable String bulk(int length) throws IOException {
    if (length < 0) {
      return null;
    }
    String text = new String(in.readNBytes(length), ISO_8859_1);
    in.skipNBytes(2);
    return text;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = in.read();
      if (c < 0) {
        throw new EOFException();
      }
      if (c == '\r') {
        in.skipNBytes(1);
        return line.toString();
      }
      line.append((char) c);
    }
  }
}
