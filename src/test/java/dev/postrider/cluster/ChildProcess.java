package dev.postrider.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A process of its own with what it says. */
class ChildProcess implements AutoCloseable {

  private static final Duration READERS_PATIENCE = Duration.ofSeconds(5);

  private final Process process;
  private final List<String> out = new CopyOnWriteArrayList<>();
  private final List<String> err = new CopyOnWriteArrayList<>();
  private final List<Thread> readers;

  ChildProcess(Process process) {
    this.process = process;
    this.readers =
        List.of(
            reader(process.getInputStream(), out, "stdout"),
            reader(process.getErrorStream(), err, "stderr"));
  }

  /**
   * Starts one.
   *
   * @param directory its working directory
   */
  static ChildProcess start(Path directory, List<String> command) {
    return new ChildProcess(launch(directory, Map.of(), command));
  }

  /** Starts the {@code main} of a class of the tests, with everything that the service brings. */
  static ChildProcess main(Class<?> mainClass, Path directory, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(java(), "-Xmx256m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp"));
    command.add(testClasses() + ":" + JarProcess.jar());
    command.add(mainClass.getName());
    command.addAll(arguments);
    return start(directory, command);
  }

  static Process launch(Path directory, Map<String, String> environment, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("POSTRIDER_"));
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static Path testClasses() {
    try {
      return Path.of(
          ChildProcess.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  void signal(String name) {
    Signals.send(name, process.pid());
  }

  /** Ends it with SIGKILL and waits until it is gone. */
  void kill() {
    process.destroyForcibly();
    exitCode(Duration.ofSeconds(20));
  }

  /**
   * Waits for its end and for the last of what it says.
   *
   * @throws AssertionError if it runs longer
   */
  int exitCode(Duration bound) {
    try {
      if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("the process has not ended within " + bound + ":\n" + said());
      }
      for (Thread reader : readers) {
        reader.join(READERS_PATIENCE.toMillis());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  List<String> out() {
    return List.copyOf(out);
  }

  List<String> err() {
    return List.copyOf(err);
  }

  /** Everything it has said until now, for people. */
  String said() {
    return String.join("\n", out) + "\n" + String.join("\n", err);
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }

  private static Thread reader(InputStream stream, List<String> lines, String name) {
    Thread reader = new Thread(() -> read(stream, lines), name);
    reader.setDaemon(true);
    reader.start();
    return reader;
  }

  private static void read(InputStream stream, List<String> lines) {
    try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
      reader.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      lines.add("(unreadable: " + e + ")");
    }
  }
}
