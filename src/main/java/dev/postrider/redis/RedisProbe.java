package dev.postrider.redis;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A blocking connection to a Redis for whoever starts, watches and stops one: it works before there
 * is a Vert.x and after there is one. Never to be used on an event loop.
 */
public final class RedisProbe implements Closeable {

  private final SocketChannel channel;
  private final Selector selector;
  private final long patienceNanos;
  private ByteBuffer received = ByteBuffer.allocate(4096).flip();

  private RedisProbe(SocketChannel channel, Selector selector, Duration patience) {
    this.channel = channel;
    this.selector = selector;
    this.patienceNanos = patience.toNanos();
  }

  /**
   * Connects over a unix socket.
   *
   * @param patience how long each answer may take
   * @throws IOException if nobody listens there
   */
  public static RedisProbe connect(Path socket, Duration patience) throws IOException {
    return connect(UnixDomainSocketAddress.of(socket), patience);
  }

  /**
   * Connects to an address.
   *
   * @param patience how long each answer may take
   * @throws IOException if nobody listens there
   */
  public static RedisProbe connect(SocketAddress address, Duration patience) throws IOException {
    SocketChannel channel =
        address instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX)
            : SocketChannel.open();
    try {
      channel.connect(address);
      channel.configureBlocking(false);
      Selector selector = Selector.open();
      channel.register(selector, SelectionKey.OP_READ);
      return new RedisProbe(channel, selector, patience);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Sends one command and waits for its answer: a {@code String}, a {@code Long}, a {@code List} of
   * these, or null.
   *
   * @throws RedisErrorException if Redis answers with an error
   * @throws IOException if the connection ends or the patience does
   */
  public @Nullable Object call(String... command) throws IOException {
    StringBuilder text = new StringBuilder("*").append(command.length).append("\r\n");
    for (String word : command) {
      int length = word.getBytes(StandardCharsets.UTF_8).length;
      text.append('$').append(length).append("\r\n").append(word).append("\r\n");
    }
    ByteBuffer out = StandardCharsets.UTF_8.encode(text.toString());
    long deadline = System.nanoTime() + patienceNanos;
    while (out.hasRemaining()) {
      if (channel.write(out) == 0) {
        await(SelectionKey.OP_WRITE, deadline);
      }
    }
    return readReply(deadline);
  }

  /** Waits until the other side ends the connection; an interrupt or {@link #close} ends it too. */
  public void awaitEnd() throws IOException {
    while (channel.isOpen() && !Thread.currentThread().isInterrupted()) {
      selector.select();
      selector.selectedKeys().clear();
      if (!channel.isOpen() || channel.read(ByteBuffer.allocate(256)) < 0) {
        return;
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    selector.close();
  }

  private void await(int operation, long deadline) throws IOException {
    channel.keyFor(selector).interestOps(operation);
    long left = deadline - System.nanoTime();
    if (left <= 0 || selector.select(Math.max(1, left / 1_000_000)) == 0) {
      throw new SocketTimeoutException("no answer in " + Duration.ofNanos(patienceNanos));
    }
    selector.selectedKeys().clear();
  }

  private void receive(long deadline) throws IOException {
    received.compact();
    if (!received.hasRemaining()) {
      received = ByteBuffer.allocate(received.capacity() * 2).put(received.flip());
    }
    int count = channel.read(received);
    received.flip();
    if (count < 0) {
      throw new EOFException("Redis closed the connection");
    }
    if (count == 0) {
      await(SelectionKey.OP_READ, deadline);
    }
  }

  private @Nullable Object readReply(long deadline) throws IOException {
    String line = readLine(deadline);
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> rest;
      case '-' -> throw new RedisErrorException(rest);
      case ':' -> Long.valueOf(rest);
      case '$' -> rest.equals("-1") ? null : readBulk(Integer.parseInt(rest), deadline);
      case '*' -> rest.equals("-1") ? null : readList(Integer.parseInt(rest), deadline);
      default -> throw new IOException("not a Redis: it answered " + line);
    };
  }

  private List<@Nullable Object> readList(int size, long deadline) throws IOException {
    List<@Nullable Object> list = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      list.add(readReply(deadline));
    }
    return list;
  }

  private String readBulk(int length, long deadline) throws IOException {
    while (received.remaining() < length + 2) {
      receive(deadline);
    }
    byte[] bytes = new byte[length];
    received.get(bytes).getShort();
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String readLine(long deadline) throws IOException {
    int searched = 0;
    while (true) {
      for (int i = received.position() + searched; i + 1 < received.limit(); i++) {
        if (received.get(i) == '\r' && received.get(i + 1) == '\n') {
          byte[] bytes = new byte[i - received.position()];
          received.get(bytes).getShort();
          return new String(bytes, StandardCharsets.UTF_8);
        }
      }
      searched = Math.max(0, received.remaining() - 1);
      receive(deadline);
    }
  }
}
