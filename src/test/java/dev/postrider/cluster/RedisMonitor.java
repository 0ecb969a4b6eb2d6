package dev.postrider.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts the calls that clients make to a Redis on a unix socket; not what its scripts call. */
final class RedisMonitor implements AutoCloseable {

  private static final Pattern CALL =
      Pattern.compile("\\+[0-9.]+ \\[\\d+ (\\S+)\\] \"([^\"]+)\".*");

  private static final int HARDLY_ANY = 10;
  private static final long A_SECOND_NANOS = 1_000_000_000;

  private final SocketChannel channel;
  private final Map<String, Integer> calls = new TreeMap<>();

  private int quietCount;
  private long quietSince = System.nanoTime();

  private RedisMonitor(SocketChannel channel) {
    this.channel = channel;
  }

  static RedisMonitor start(SocketAddress address) {
    try {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(address);
      channel.write(UTF_8.encode("MONITOR\r\n"));
      RedisMonitor monitor = new RedisMonitor(channel);
      Thread reader = new Thread(monitor::read, "redis-monitor");
      reader.setDaemon(true);
      reader.start();
      return monitor;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (BufferedReader lines = new BufferedReader(Channels.newReader(channel, UTF_8))) {
      lines.lines().forEach(this::count);
    } catch (IOException | UncheckedIOException e) {
      // Closed.
    }
  }

  private synchronized void count(String line) {
    Matcher call = CALL.matcher(line);
    if (call.matches() && !call.group(1).equals("lua")) {
      calls.merge(call.group(2).toLowerCase(Locale.ROOT), 1, Integer::sum);
    }
  }

  /** How often each command was called until now. */
  synchronized Map<String, Integer> calls() {
    return new TreeMap<>(calls);
  }

  /** How often each command is called while that time passes. */
  Map<String, Integer> callsDuring(Duration time) {
    Map<String, Integer> before = calls();
    Pace.pass(time);
    Map<String, Integer> during = new TreeMap<>();
    calls().forEach((name, count) -> during.put(name, count - before.getOrDefault(name, 0)));
    during.values().removeIf(count -> count == 0);
    return during;
  }

  /** Whether there were hardly any calls for a second. */
  synchronized boolean isQuiet() {
    int count = calls.values().stream().mapToInt(Integer::intValue).sum();
    if (count > quietCount + HARDLY_ANY) {
      quietCount = count;
      quietSince = System.nanoTime();
    }
    return System.nanoTime() - quietSince > A_SECOND_NANOS;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
