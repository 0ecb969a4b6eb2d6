package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The example workers, in the languages that there are. */
enum ExampleWorker {
  PYTHON("python3", "python/worker.py", "import sys; sys.exit(sys.version_info < (3, 8))"),
  NODE("node", "node/worker.mjs", "process.exit(typeof fetch === 'function' ? 0 : 1)");

  private static final String FOLDER = "src/examples/";

  /** Set where a runtime that is missing is a failure. */
  private static final boolean REQUIRED = Boolean.getBoolean("postrider.examples.required");

  private final String runtime;
  private final String source;
  private final String check;

  ExampleWorker(String runtime, String source, String check) {
    this.runtime = runtime;
    this.source = source;
    this.check = check;
  }

  /** The one whose source is at a path in the repository. */
  static ExampleWorker of(String path) {
    return Arrays.stream(values())
        .filter(worker -> path.equals(FOLDER + worker.source))
        .findAny()
        .orElseThrow(() -> new AssertionError("no such example: " + path));
  }

  /** Skips the test where the language's runtime is missing or too old, or fails it. */
  void assumeRuns() {
    String option = this == PYTHON ? "-c" : "-e";
    boolean runs = succeeds(List.of(runtime, option, check));
    if (REQUIRED) {
      assertThat(runs).as("%s is there and recent enough", runtime).isTrue();
    }
    assumeTrue(runs, () -> "needs a recent " + runtime);
  }

  /** Starts one that works on a queue, one item after the other at that interval. */
  ChildProcess start(Site site, ServiceProcess service, String queue, Duration interval) {
    assumeRuns();
    ChildProcess worker =
        start(
            site,
            List.of(
                "--server=http://127.0.0.1:" + service.port(),
                "--queue=" + queue,
                "--interval=" + interval.toMillis() / 1000.0));
    Await.until(
        "the worker polls",
        Duration.ofSeconds(30),
        worker::said,
        said -> said.contains("polls the task queue " + queue));
    return worker;
  }

  ChildProcess start(Site site, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(runtime));
    command.add(Path.of(FOLDER + source).toAbsolutePath().toString());
    command.addAll(arguments);
    return site.keep(ChildProcess.start(site.directory(), command));
  }

  private static boolean succeeds(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
