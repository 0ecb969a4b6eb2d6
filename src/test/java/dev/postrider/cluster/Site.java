package dev.postrider.cluster;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Processes, receivers and a directory of one test, or of one class where it is a static extension.
 * All of it is gone afterwards, whatever happened; after a failure it tells what the processes
 * said.
 */
final class Site implements AfterEachCallback, AfterAllCallback {

  private final Path directory = temporary();
  private final Vertx vertx = Vertx.vertx();
  private final HttpCalls http = new HttpCalls(vertx);
  private final List<ServiceProcess> services = new ArrayList<>();
  private final List<AutoCloseable> others = new ArrayList<>();
  private final Thread atExit = new Thread(this::end, "site-end");
  private final boolean ofClass;

  private Site(boolean ofClass) {
    this.ofClass = ofClass;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** For a static field: one for all tests of a class. */
  static Site ofClass() {
    return new Site(true);
  }

  /** For an instance field: a new one for each test. */
  static Site ofTest() {
    return new Site(false);
  }

  /** A service that is ready, in a data directory of its own. */
  ServiceProcess service(String... settings) {
    return launch(settings).awaitReady();
  }

  /** The same without waiting for it. */
  ServiceProcess launch(String... settings) {
    ServiceProcess service =
        new ServiceProcess(http, directory.resolve("data" + services.size()), List.of(settings));
    services.add(service);
    return service;
  }

  /** A receiver that listens. */
  Receiver receiver() {
    return laterReceiver().up();
  }

  /** A receiver that does not listen yet. */
  Receiver laterReceiver() {
    return new Receiver(http);
  }

  Path directory() {
    return directory;
  }

  HttpCalls http() {
    return http;
  }

  Vertx vertx() {
    return vertx;
  }

  /** Something more to end with the test, the latest first. */
  <T extends AutoCloseable> T keep(T other) {
    others.add(other);
    return other;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    context.getExecutionException().ifPresent(failure -> tell());
    if (!ofClass) {
      close();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (ofClass) {
      close();
    }
  }

  private void tell() {
    for (ServiceProcess service : services) {
      List<String> lines = service.process().said().lines().toList();
      System.out.println("--- service on port " + service.port() + ", its last lines:");
      lines.subList(Math.max(0, lines.size() - 60), lines.size()).forEach(System.out::println);
    }
  }

  private void close() {
    Runtime.getRuntime().removeShutdownHook(atExit);
    end();
    HttpCalls.await(vertx.close(), Duration.ofSeconds(20));
    delete(directory);
  }

  private void end() {
    services.forEach(ServiceProcess::close);
    for (int i = others.size() - 1; i >= 0; i--) {
      AutoCloseable other = others.get(i);
      try {
        other.close();
      } catch (Exception e) {
        System.out.println("cannot close " + other + ": " + e);
      }
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory(Path.of("/tmp"), "postrider-it-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    for (int i = 0; ; i++) {
      try (Stream<Path> paths = Files.walk(directory)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
        return;
      } catch (IOException | UncheckedIOException e) {
        if (i == 10) {
          System.out.println("left behind: " + directory + ": " + e);
          return;
        }
      }
    }
  }
}
