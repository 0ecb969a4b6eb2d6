package dev.postrider.testing;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Fails the test during which Vert.x reported a blocked thread. Registered for every test by the
 * service loader; {@code vertx-options.json} sets the bound for event loops to one second.
 *
 * <p>The checker runs on a thread of its own, so its report can come after the test that caused it:
 * then the next test or class fails, or the run itself at its end. The stack trace in the message
 * tells who it was.
 */
public final class BlockedThreadsFail
    implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

  static final String CHECKER = "io.vertx.core.impl.BlockedThreadChecker";

  private static final ConcurrentLinkedQueue<String> REPORTS = new ConcurrentLinkedQueue<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(BlockedThreadsFail.class))
        .computeIfAbsent(Listening.class, key -> new Listening());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    failIfReported();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    failIfReported();
  }

  private static void failIfReported() {
    List<String> reports = new ArrayList<>();
    for (String report = REPORTS.poll(); report != null; report = REPORTS.poll()) {
      reports.add(report);
    }
    if (!reports.isEmpty()) {
      throw new AssertionError("a Vert.x thread was blocked:\n" + String.join("\n", reports));
    }
  }

  private static final class Listening implements AutoCloseable {

    private final Logger checker = (Logger) LoggerFactory.getLogger(CHECKER);
    private final AppenderBase<ILoggingEvent> appender =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            REPORTS.add(text(event));
          }
        };

    Listening() {
      appender.setContext(checker.getLoggerContext());
      appender.start();
      checker.addAppender(appender);
    }

    @Override
    public void close() {
      checker.detachAppender(appender);
      failIfReported();
    }

    private static String text(ILoggingEvent event) {
      var text = new StringBuilder(event.getFormattedMessage());
      if (event.getThrowableProxy() != null) {
        for (var element : event.getThrowableProxy().getStackTraceElementProxyArray()) {
          text.append("\n    ").append(element.getSTEAsString());
        }
      }
      return text.toString();
    }
  }
}
