package dev.postrider.delivery;

import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Names what went wrong between the two ends of a connection. */
final class TransportFailure {

  private TransportFailure() {}

  /** The type of a failure to get a connection. */
  static String whileConnecting(Throwable failure, boolean tls) {
    if (caused(failure, SSLException.class)) {
      return FailureType.TLS_FAILED;
    }
    if (caused(failure, ConnectTimeoutException.class) || caused(failure, TimeoutException.class)) {
      return FailureType.CONNECT_TIMEOUT;
    }
    boolean closed =
        failure instanceof HttpClosedException
            || caused(failure, java.nio.channels.ClosedChannelException.class);
    return tls && closed ? FailureType.TLS_FAILED : FailureType.CONNECT_FAILED;
  }

  /**
   * The type of a failure on a connection. A receiver may refuse this end in TLS 1.3 only after the
   * handshake. An answer that is not HTTP counts as closed: that is what is done about it.
   */
  static String onConnection(Throwable failure) {
    return caused(failure, SSLException.class)
        ? FailureType.TLS_FAILED
        : FailureType.CONNECTION_CLOSED;
  }

  /** What the innermost cause says. */
  static String message(Throwable failure) {
    Throwable innermost = failure;
    String message = failure.getMessage();
    while (innermost.getCause() != null && innermost.getCause() != innermost) {
      innermost = innermost.getCause();
      message = innermost.getMessage() == null ? message : innermost.getMessage();
    }
    if (message != null) {
      return message;
    }
    return innermost instanceof IOException
        ? "the connection was closed"
        : innermost.getClass().getSimpleName();
  }

  private static boolean caused(Throwable failure, Class<? extends Throwable> type) {
    @Nullable Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (type.isInstance(cause)) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
