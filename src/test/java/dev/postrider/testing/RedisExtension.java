package dev.postrider.testing;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands tests the one {@link RedisServer} of this JVM, with an empty database before each test:
 *
 * <pre>{@code
 * @ExtendWith({VertxExtension.class, RedisExtension.class})
 * class StoreTest {
 *   @Test
 *   void aStartedJobIsStored(RedisServer redis, Vertx vertx) { … }
 * }
 * }</pre>
 */
public final class RedisExtension implements BeforeEachCallback, ParameterResolver {

  private static final Namespace NAMESPACE = Namespace.create(RedisExtension.class);

  @Override
  public void beforeEach(ExtensionContext context) {
    server(context).flush();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == RedisServer.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return server(context);
  }

  private static RedisServer server(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(RedisServer.class, key -> RedisServer.start(), RedisServer.class);
  }
}
