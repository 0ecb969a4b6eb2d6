package dev.postrider.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The walkthrough of the README does what it shows. */
@Tag("process")
class ReadmeIT {

  private static final Duration SOON = Duration.ofSeconds(45);

  /** {@code ./mvnw} runs the service; {@code -Dpostrider.args} gives it arguments. */
  private static final Pattern RUN =
      Pattern.compile("\\./mvnw(?: \"-Dpostrider\\.args=(?<arguments>[^\"]*)\")?");

  /** A worker of the examples. */
  private static final Pattern WORK =
      Pattern.compile("(python3|node) (?<source>src/examples/\\S+)");

  @RegisterExtension final Site site = Site.ofTest();

  /** The ports of the document and those used instead. */
  private final Map<String, String> ports =
      Map.of(
          "8080", Integer.toString(Ports.free()),
          "8081", Integer.toString(Ports.free()),
          "9000", Integer.toString(Ports.free()));

  @Test
  void theWalkthroughShowsWhatItsCommandsPrint() throws IOException {
    assumeTrue(hasCurl(), "the walkthrough needs curl 7.82 or later");
    List.of(ExampleWorker.values()).forEach(ExampleWorker::assumeRuns);
    List<Console> commands = Console.in(Files.readString(Path.of("README.md"), UTF_8));
    assertThat(commands).as("commands in README.md").hasSizeGreaterThan(5);

    for (Console command : commands) {
      Matcher run = RUN.matcher(command.command());
      Matcher work = WORK.matcher(command.command());
      if (run.matches()) {
        start(command, run.group("arguments"));
      } else if (work.matches()) {
        startWorker(command, work.group("source"));
      } else {
        assertThat(command.command()).startsWith("curl ");
        run(command);
      }
    }
  }

  private void start(Console command, String arguments) {
    List<String> all = new ArrayList<>();
    if (arguments == null) {
      all.add("server");
      all.addAll(List.of("--set", "http.port=" + ports.get("8080")));
      all.addAll(List.of("--set", "management.port=" + ports.get("8081")));
      all.addAll(List.of("--set", "data.directory=" + site.directory().resolve("data")));
    } else {
      all.addAll(List.of(arguments.split(" ")));
      all.addAll(List.of("--port", ports.get("9000")));
    }
    JarProcess process = site.keep(JarProcess.start(site.directory(), Map.of(), all));
    if (arguments == null) {
      site.keep(() -> endInOrder(process));
    }
    awaitShown(command, () -> process.out());
  }

  private void startWorker(Console command, String source) {
    ExampleWorker worker = ExampleWorker.of(source);
    String server = "--server=http://127.0.0.1:" + ports.get("8080");
    ChildProcess process = worker.start(site, List.of(server));
    awaitShown(command, process::out);
  }

  /** Its Redis ends with it. */
  private static void endInOrder(JarProcess process) {
    if (process.isAlive()) {
      process.signal("TERM");
      process.exitCode(SOON);
    }
  }

  /** Runs a command once; one that only looks is run until it shows what it should. */
  private void run(Console command) {
    String line = command.command();
    boolean looks = !line.contains("--json") && !line.contains("-X");
    if (looks) {
      awaitShown(command, () -> shell(line));
    } else {
      List<String> printed = documented(shell(line));
      assertThat(command.isShownBy(printed)).as("%s%nprinted %s", command, printed).isTrue();
    }
  }

  private void awaitShown(Console command, Printing printing) {
    Await.until(
        command + " prints what is shown",
        SOON,
        () -> documented(printing.lines()),
        command::isShownBy);
  }

  private interface Printing {
    List<String> lines();
  }

  private List<String> shell(String command) {
    try {
      Process process =
          new ProcessBuilder("sh", "-c", replaced(command, false))
              .directory(site.directory().toFile())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (!process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("still running: " + command);
      }
      assertThat(process.exitValue()).as("%s: %s", command, printed).isZero();
      return printed.lines().toList();
    } catch (IOException e) {
      throw new AssertionError(command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(command, e);
    }
  }

  private List<String> documented(List<String> lines) {
    return lines.stream().map(line -> replaced(line, true)).toList();
  }

  private String replaced(String text, boolean back) {
    String result = text;
    for (Map.Entry<String, String> port : ports.entrySet()) {
      String from = back ? port.getValue() : port.getKey();
      String to = back ? port.getKey() : port.getValue();
      result = result.replace("127.0.0.1:" + from, "127.0.0.1:" + to);
    }
    return result;
  }

  private static boolean hasCurl() {
    try {
      Process process = new ProcessBuilder("curl", "--json", "{}", "--version").start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
