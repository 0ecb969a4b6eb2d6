package dev.postrider;

import dev.postrider.redis.StartupException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.function.Supplier;

/** What can be said about a listener before and beside Vert.x. */
final class Listening {
  private Listening() {}

  /**
   * Listens, and says what to do when that is impossible.
   *
   * @param section of the settings that name host and port
   * @throws StartupException if nobody can listen there
   */
  static <T> T on(String section, String host, int port, Supplier<T> listen) {
    try {
      return listen.get();
    } catch (StartupException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Exception e) {
      // What await() rethrows is not declared.
      throw explained(section, host, port, e);
    }
  }

  /**
   * The port to ask for so that all event loops share one: any free one is the same for all of them
   * when it is asked for by a negative number.
   */
  static int sharedPort(int port) {
    return port == 0 ? -1 : port;
  }

  /** Whether only this machine reaches what listens on {@code host}. */
  static boolean isLoopback(String host) {
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (!address.isLoopbackAddress()) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  static String url(String host, int port) {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static StartupException explained(
      String section, String host, int port, Exception cause) {
    String message = String.valueOf(cause.getMessage());
    String lower = message.toLowerCase(Locale.ROOT);
    if (lower.contains("in use")) {
      return new StartupException(
          "port " + port + " on " + host + " is in use",
          "stop what listens there, or choose another port: --set "
              + section
              + ".port="
              + other(port),
          cause);
    }
    return new StartupException(
        "cannot listen on port " + port + " of " + host + ": " + message,
        "correct " + section + ".host and " + section + ".port",
        cause);
  }

  private static int other(int port) {
    return port <= 65_000 ? port + 10 : port - 10;
  }
}
