package dev.postrider.delivery;

import dev.postrider.job.Durations;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.internal.resolver.NameResolver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

/**
 * Finds all addresses of a host without blocking a thread.
 *
 * <p>The look-up is Vert.x's own, over Netty's DNS client: it reads the hosts file, name servers
 * and search domains of the system as the platform's other connections do. The JDK's look-up holds
 * a thread for as long as a name server is silent, so that names which hang would use up any pool
 * of threads and delay all others; here a silent name server costs a timer. The JDK also keeps what
 * it found for 30 seconds and more.
 */
final class HostResolver {

  /** What is found is used again for this long, so that not every POST asks a name server. */
  static final int CACHE_SECONDS = 5;

  private final Vertx vertx;
  private final NameResolver names;
  private final Duration timeout;

  /** A resolver that gives up after {@code timeout}. */
  HostResolver(Vertx vertx, AddressResolverOptions options, Duration timeout) {
    this.vertx = vertx;
    this.timeout = timeout;
    this.names =
        new NameResolver(
            vertx,
            new AddressResolverOptions(options)
                .setCacheMaxTimeToLive(CACHE_SECONDS)
                .setQueryTimeout(Math.max(1, timeout.toMillis() / 2)));
  }

  /**
   * At least one address, in the order of preference. Completes on the caller's context, and fails
   * if there is none or no answer in time.
   */
  Future<List<InetAddress>> resolve(String host) {
    Promise<List<InetAddress>> promise = Promise.promise();
    Context context = vertx.getOrCreateContext();
    long timer = vertx.setTimer(timeout.toMillis(), fired -> promise.tryFail(silent()));
    try {
      names.resolveAll(
          host,
          found ->
              context.runOnContext(
                  onContext -> {
                    vertx.cancelTimer(timer);
                    complete(promise, found);
                  }));
    } catch (IllegalArgumentException e) {
      vertx.cancelTimer(timer);
      promise.fail(new UnknownHostException("it cannot be looked up, " + e.getMessage()));
    }
    return promise.future();
  }

  private static void complete(
      Promise<List<InetAddress>> promise, AsyncResult<List<InetSocketAddress>> found) {
    if (found.failed()) {
      promise.tryFail(found.cause());
    } else if (found.result().isEmpty()) {
      promise.tryFail(new UnknownHostException("it has none"));
    } else {
      promise.tryComplete(found.result().stream().map(HostResolver::nameless).toList());
    }
  }

  /**
   * The address without the name it was found under. The HTTP client tells connections apart by
   * name where there is one: it would send to an address that another look-up gave.
   */
  private static InetAddress nameless(InetSocketAddress found) {
    try {
      return InetAddress.getByAddress(found.getAddress().getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address was not as long as an address is", e);
    }
  }

  private UnknownHostException silent() {
    return new UnknownHostException("no name server answered within " + Durations.format(timeout));
  }

  Future<Void> close() {
    return names.close();
  }
}
